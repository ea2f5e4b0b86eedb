import * as React from 'react';

import { formatScore } from './numberFormat';

/**
 * An accuracy and which of a run's it is, the best or the last; a dash if there is none.
 *
 * Of one on the training images it is said, too.
 */
export function Score(props: {
  value?: number | null;
  which: 'best' | 'last';
  training?: boolean;
}): React.ReactElement {
  const known = props.value !== null && props.value !== undefined;
  const which = props.training ? `${props.which}, in training` : props.which;
  return (
    <div className="jp-Classgame-score">
      {known ? formatScore(props.value as number) : '–'}
      {known && <div className="jp-Classgame-quiet">{which}</div>}
    </div>
  );
}
