import * as React from 'react';

import { Sparkline } from '../chart/sparkline';
import { Button } from '../components/button';
import { Score } from '../components/score';
import type { IEndedRun } from '../messages/gameState';
import { endingText, failed } from './runText';

/** Runs that are listed at first. */
const FEW = 12;

/**
 * The runs that have ended, the best first: a few, and all at a click.
 *
 * Of a run that is `shownAbove` it is said there how it has failed.
 */
export function RunListView(props: {
  runs: readonly IEndedRun[];
  count: number;
  shownAbove: readonly number[];
  checkbox: (run: number) => React.ReactNode;
}): React.ReactElement {
  const { runs, count, shownAbove, checkbox } = props;
  const [all, setAll] = React.useState(false);
  if (!runs.length) {
    return (
      <p className="jp-Classgame-quiet">
        None yet; <code>%train</code> makes one.
      </p>
    );
  }
  return (
    <>
      <ol>
        {(all ? runs : runs.slice(0, FEW)).map(run => (
          <li key={run.run} className="jp-Classgame-row">
            {checkbox(run.run)}
            <div className="jp-Classgame-name">
              run {run.run}: {run.label}
              <RunRemarks run={run} told={shownAbove.includes(run.run)} />
            </div>
            <Sparkline curve={run.curve} />
            <Score value={run.val_acc} which="best" />
          </li>
        ))}
      </ol>
      {runs.length > FEW && (
        <Button
          label={all ? `The best ${FEW}` : `All ${runs.length} runs`}
          onClick={() => setAll(!all)}
        />
      )}
      {all && count > runs.length && (
        <p className="jp-Classgame-quiet">
          The best {runs.length} of {count}; <code>%classgame runs</code> lists
          all.
        </p>
      )}
    </>
  );
}

/** How long a run was, how it ended, and whether it is ranked. */
function RunRemarks(props: {
  run: IEndedRun;
  told: boolean;
}): React.ReactElement {
  const { run, told } = props;
  const ending = endingText(run);
  const remarks = [
    `${run.epochs} ${run.epochs === 1 ? 'epoch' : 'epochs'}`,
    failed(run) ? '' : ending,
    run.ranked ? '' : 'not ranked'
  ];
  return (
    <div className="jp-Classgame-quiet">
      {remarks.filter(part => part).join(' · ')}
      {failed(run) && !told && (
        <span className="jp-Classgame-failed"> · {ending}</span>
      )}
    </div>
  );
}
