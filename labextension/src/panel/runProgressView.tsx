import * as React from 'react';

import { Sparkline } from '../chart/sparkline';
import { Bar } from '../components/bar';
import { Button } from '../components/button';
import { Score } from '../components/score';
import type { IRunUnderWay } from '../messages/gameState';
import type { RunAction } from '../messages/messageSchema';
import { failed, progressText } from './runText';

/** A run under way: its progress, its curve, and the buttons to pause and stop it. */
export function RunProgressView(props: {
  run: IRunUnderWay;
  controlRun: (run: number, action: RunAction) => void;
  children: React.ReactNode;
}): React.ReactElement {
  const { run, controlRun, children } = props;
  const toggleAction = run.paused ? 'resume' : 'pause';
  return (
    <section className="jp-Classgame-run" aria-label={run.label}>
      <div className="jp-Classgame-row">
        <span className="jp-Classgame-name">
          {children}
          {run.label}
        </span>
        <span className="jp-Classgame-quiet">{progressText(run)}</span>
      </div>
      {!run.finished && (
        <Bar
          role="progressbar"
          share={run.fraction}
          label={`Progress of ${run.label}`}
          text={progressText(run)}
        />
      )}
      {run.curve.length > 0 && (
        <div className="jp-Classgame-row">
          <Sparkline
            curve={run.curve}
            last={run.finished ? 0 : run.epochs}
            wide
          />
          <Score
            value={run.curve[run.curve.length - 1]?.[1]}
            which="last"
            training={!run.validated}
          />
        </div>
      )}
      {run.note && (
        <p
          className={failed(run) ? 'jp-Classgame-failed' : 'jp-Classgame-quiet'}
        >
          {run.note}
        </p>
      )}
      {run.lost_rank && <p className="jp-Classgame-failed">{run.lost_rank}</p>}
      {run.unused.map(line => (
        <p key={line} className="jp-Classgame-unused">
          {line}
        </p>
      ))}
      {!run.finished && (
        <div className="jp-Classgame-buttons">
          <Button
            label={run.paused ? 'Resume' : 'Pause'}
            about={run.label}
            disabled={run.stopping}
            onClick={() => controlRun(run.run, toggleAction)}
          />
          <Button
            label={run.stopping ? 'Stopping' : 'Stop'}
            about={run.label}
            disabled={run.stopping}
            onClick={() => controlRun(run.run, 'stop')}
          />
        </div>
      )}
    </section>
  );
}
