import * as React from 'react';

import { Sparkline } from '../chart/sparkline';
import { Score } from '../components/score';
import type { IEndedRun } from '../messages/gameState';
import { endingText } from './runText';

/** The runs that have ended, the best first. */
export function RunListView(props: {
  runs: readonly IEndedRun[];
  checkbox: (run: number) => React.ReactNode;
}): React.ReactElement {
  const { runs, checkbox } = props;
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
          {checkbox(run.run)}
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
          <Score value={run.val_acc} which="best" />
        </li>
      ))}
    </ol>
  );
}
