import * as React from 'react';

import type { IVerdict } from '../messages/gameState';

const SIGNS = { error: '✖', warning: '▲', note: '·', fine: '✓' } as const;

/** The verdict of the referee and the coach, line by line. */
export function VerdictView({
  verdict
}: {
  verdict: IVerdict;
}): React.ReactElement {
  return (
    <>
      <p>{verdict.summary}</p>
      <ul>
        {verdict.lines.map(({ kind, text }, index) => (
          <li key={index} className={`jp-Classgame-line jp-mod-${kind}`}>
            <span role="img" aria-label={kind}>
              {SIGNS[kind]}
            </span>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
