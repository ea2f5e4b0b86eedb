import * as React from 'react';

import { ChartPlot } from './chartplot';
import type { Comparison } from './comparison';
import {
  MEASURES,
  drawingsOf,
  type IMeasure,
  type MeasureName
} from './measure';

const NAMES = Object.keys(MEASURES) as MeasureName[];

/** The part of the panel with the chart, which can be folded away. */
export function Chart(props: { comparison: Comparison }): React.ReactElement {
  const [open, setOpen] = React.useState(true);
  const content = React.useId();
  return (
    <section className="jp-Classgame-section" aria-label="Chart">
      <h3>
        <button
          type="button"
          className="jp-Classgame-fold"
          aria-expanded={open}
          aria-controls={content}
          onClick={() => setOpen(!open)}
        >
          <span aria-hidden="true">{open ? '▾' : '▸'} </span>
          Chart
        </button>
      </h3>
      <div id={content} hidden={!open}>
        {open && <OpenChart comparison={props.comparison} />}
      </div>
    </section>
  );
}

/** The chart; as long as it is drawn it has the kernel tell what it needs. */
function OpenChart({
  comparison
}: {
  comparison: Comparison;
}): React.ReactElement {
  const [name, setName] = React.useState<MeasureName>('acc');
  const [wantsLog, setWantsLog] = React.useState(false);
  React.useEffect(() => comparison.want());
  const measure: IMeasure = MEASURES[name];
  const log = wantsLog && measure.log;
  return (
    <>
      <Choice chosen={name} choose={setName} />
      <ChartPlot
        // Another notebook's chart is not zoomed as this one is.
        key={comparison.id}
        measure={measure}
        log={log}
        {...drawingsOf(comparison.drawn, measure, log)}
      >
        <label
          className="jp-Classgame-log"
          title={measure.log ? undefined : 'For the loss and the learning rate'}
        >
          <input
            type="checkbox"
            checked={log}
            disabled={!measure.log}
            onChange={event => setWantsLog(event.target.checked)}
          />
          log scale
        </label>
      </ChartPlot>
    </>
  );
}

/** What is shown of the runs, one of three. */
function Choice(props: {
  chosen: MeasureName;
  choose: (name: MeasureName) => void;
}): React.ReactElement {
  const group = React.useId();
  return (
    <div
      className="jp-Classgame-choice"
      role="radiogroup"
      aria-label="What the chart shows"
    >
      {NAMES.map(name => (
        <label key={name}>
          <input
            type="radio"
            name={group}
            checked={name === props.chosen}
            onChange={() => props.choose(name)}
          />
          <span>{MEASURES[name].label}</span>
        </label>
      ))}
    </div>
  );
}
