import * as React from 'react';

import { formatScore } from './numberFormat';

/** An accuracy; a dash if there is none. */
export function Score(props: { value?: number | null }): React.ReactElement {
  const known = props.value !== null && props.value !== undefined;
  return (
    <span className="jp-Classgame-score">
      {known ? formatScore(props.value as number) : '–'}
    </span>
  );
}
