import * as React from 'react';

import type { IRun } from './game';
import { Score, Sparkline } from './parts';
import { endingText } from './text';

/** The runs that are over, the best first. */
export function Runs(props: {
  runs: readonly IRun[];
  tick: (run: number) => React.ReactNode;
}): React.ReactElement {
  const { runs, tick } = props;
  if (!runs.length) {
    return (
      <p className="jp-Classgame-quiet">
        None yet; <code>%train</code> makes one.
      </p>
    );
  }
  return (
    <ol>
      {runs.map(run => (
        <li key={run.run} className="jp-Classgame-row">
          {tick(run.run)}
          <div className="jp-Classgame-name">
            run {run.run}: {run.label}
            <div className="jp-Classgame-quiet">
              {[
                `${run.epochs} ${run.epochs === 1 ? 'epoch' : 'epochs'}`,
                endingText(run),
                run.ranked ? '' : 'not ranked'
              ]
                .filter(part => part)
                .join(' · ')}
            </div>
          </div>
          <Sparkline curve={run.curve} />
          <Score value={run.val_acc} />
        </li>
      ))}
    </ol>
  );
}
