import * as React from 'react';

import { formatScore } from './numberFormat';

/** An accuracy and which of a run's it is, the best or the last; a dash if there is none. */
export function Score(props: {
  value?: number | null;
  which: 'best' | 'last';
}): React.ReactElement {
  const known = props.value !== null && props.value !== undefined;
  return (
    <div className="jp-Classgame-score">
      {known ? formatScore(props.value as number) : '–'}
      {known && <div className="jp-Classgame-quiet">{props.which}</div>}
    </div>
  );
}
