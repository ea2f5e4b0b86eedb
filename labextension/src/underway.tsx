import * as React from 'react';

import type { IUnderWay } from './game';
import { Bar, Button, Score, Sparkline } from './parts';
import type { Action } from './protocol';
import { progressText } from './text';

/** A run under way: how far it is, and what steers it. */
export function UnderWay(props: {
  run: IUnderWay;
  steer: (run: number, action: Action) => void;
  children: React.ReactNode;
}): React.ReactElement {
  const { run, steer, children } = props;
  const toggle = run.paused ? 'resume' : 'pause';
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
          <Score value={run.curve[run.curve.length - 1]?.[1]} />
        </div>
      )}
      {run.note && <p className="jp-Classgame-quiet">{run.note}</p>}
      {!run.finished && (
        <div className="jp-Classgame-buttons">
          <Button
            label={run.paused ? 'Resume' : 'Pause'}
            about={run.label}
            disabled={run.stopping}
            onClick={() => steer(run.run, toggle)}
          />
          <Button
            label={run.stopping ? 'Stopping' : 'Stop'}
            about={run.label}
            disabled={run.stopping}
            onClick={() => steer(run.run, 'stop')}
          />
        </div>
      )}
    </section>
  );
}
