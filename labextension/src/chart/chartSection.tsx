import * as React from 'react';

import {
  CHART_METRICS,
  drawnRunsOf,
  type IChartMetric,
  type MetricName
} from './chartMetrics';
import { ChartPlot } from './chartPlot';
import type { RunComparison } from './runComparison';

const METRIC_NAMES = Object.keys(CHART_METRICS) as MetricName[];

/** The section of the panel with the chart, which can be folded. */
export function ChartSection(props: {
  comparison: RunComparison;
}): React.ReactElement {
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
        {open && <UnfoldedChart comparison={props.comparison} />}
      </div>
    </section>
  );
}

/** The chart and its controls; whenever it is rendered it requests the numbers that it lacks. */
function UnfoldedChart({
  comparison
}: {
  comparison: RunComparison;
}): React.ReactElement {
  const [name, setName] = React.useState<MetricName>('acc');
  const [wantsLog, setWantsLog] = React.useState(false);
  React.useEffect(() => comparison.requestNumbers());
  const metric: IChartMetric = CHART_METRICS[name];
  const log = wantsLog && metric.log;
  return (
    <>
      <MetricChoice chosen={name} choose={setName} />
      <ChartPlot
        // The zoom is that of one notebook; another one's chart starts without.
        key={comparison.id}
        metric={metric}
        log={log}
        {...drawnRunsOf(comparison.drawn, metric, log)}
      >
        <label
          className="jp-Classgame-log"
          title={metric.log ? undefined : 'For the loss and the learning rate'}
        >
          <input
            type="checkbox"
            checked={log}
            disabled={!metric.log}
            onChange={event => setWantsLog(event.target.checked)}
          />
          log scale
        </label>
      </ChartPlot>
    </>
  );
}

/** Radio buttons to choose the metric. */
function MetricChoice(props: {
  chosen: MetricName;
  choose: (name: MetricName) => void;
}): React.ReactElement {
  const group = React.useId();
  return (
    <div
      className="jp-Classgame-choice"
      role="radiogroup"
      aria-label="What the chart shows"
    >
      {METRIC_NAMES.map(name => (
        <label key={name}>
          <input
            type="radio"
            name={group}
            checked={name === props.chosen}
            onChange={() => props.choose(name)}
          />
          <span>{CHART_METRICS[name].label}</span>
        </label>
      ))}
    </div>
  );
}
