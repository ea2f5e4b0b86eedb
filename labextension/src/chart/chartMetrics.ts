import {
  formatLoss,
  formatNumber,
  formatScore
} from '../components/numberFormat';
import type { Curve } from '../messages/fieldReader';
import type { CurveName } from '../messages/runCurves';
import { positive } from './curvePoints';
import type { IComparedRun } from './runComparison';

/** A metric that the chart can show. */
export interface IChartMetric {
  /** Its name on the button. */
  label: string;
  /** Its curves of a run; the first is drawn thick, the second thin. */
  curves: readonly { name: CurveName; label: string }[];
  /** Formats a value in the legend. */
  format: (value: number) => string;
  /** Formats a value at a tick of the axis. */
  formatTick: (value: number) => string;
  /** Whether its axis can be logarithmic. */
  log: boolean;
}

/** The metrics, in the order of their buttons. */
export const CHART_METRICS = {
  acc: {
    label: 'Accuracy',
    curves: [
      { name: 'val_acc', label: 'validation' },
      { name: 'train_acc', label: 'training' }
    ],
    format: formatScore,
    formatTick: formatNumber,
    log: false
  },
  loss: {
    label: 'Loss',
    curves: [
      { name: 'val_loss', label: 'validation' },
      { name: 'train_loss', label: 'training' }
    ],
    format: formatLoss,
    formatTick: formatNumber,
    log: true
  },
  lr: {
    label: 'Learning rate',
    curves: [{ name: 'lr', label: 'learning rate' }],
    format: formatNumber,
    formatTick: formatNumber,
    log: true
  }
} as const satisfies Record<string, IChartMetric>;

export type MetricName = keyof typeof CHART_METRICS;

/** A curve in the chart. */
export interface IChartLine {
  label: string;
  thin: boolean;
  points: Curve;
}

/** A run in the chart, with its curves of the metric shown. */
export interface IDrawnRun extends IComparedRun {
  lines: readonly IChartLine[];
}

/**
 * Return the curves of some runs.
 *
 * @param runs - The runs, with their numbers as far as they are known.
 * @param metric - The metric to show.
 * @param log - Whether the axis is logarithmic, which leaves out values that are not above zero.
 * @returns The runs with their curves, and how many values are left out.
 */
export function drawnRunsOf(
  runs: readonly IComparedRun[],
  metric: IChartMetric,
  log: boolean
): { drawnRuns: IDrawnRun[]; omitted: number } {
  let omitted = 0;
  const drawnRuns = runs.map(run => ({
    ...run,
    lines: metric.curves.map(({ name, label }, index) => {
      const all = run.numbers?.curves[name] ?? [];
      const points = log ? positive(all) : all;
      omitted += all.length - points.length;
      return { label, thin: index > 0, points };
    })
  }));
  return { drawnRuns, omitted };
}

/** Return the curve that carries the marks of a run's edits. */
export function markedCurve({ lines }: IDrawnRun): Curve {
  return (lines.find(({ points }) => points.length) ?? lines[0])?.points ?? [];
}
