import type { IChartMetric, IDrawnRun } from './chartMetrics';
import { rounded, within } from './curvePoints';
import {
  logTicksOf,
  scaleOf,
  spanOf,
  ticksOf,
  widened,
  widenedByFactor,
  type Span
} from './scale';

/** The space around the curves for the axes, in pixels; `left` is more beside long numbers. */
export const MARGIN = { left: 44, right: 8, top: 8, bottom: 20 };

/** Most pixels that a character of a number beside an axis takes. */
export const CHARACTER = 6;

/** The size and the scales of a chart. */
export interface IChartLayout {
  width: number;
  height: number;
  /** Where the curves begin: right of the numbers of the value axis. */
  left: number;
  /** The values at the ticks of the value axis. */
  ticks: readonly number[];
  /** The epochs shown. */
  window: Span;
  /** The values shown. */
  values: Span;
  x: (epoch: number) => number;
  y: (value: number) => number;
  /** The inverse of `x`, not rounded to whole epochs. */
  epochAt: (x: number) => number;
}

/**
 * Lay out a chart; its value axis fits the values in the window.
 *
 * @param drawnRuns - The runs.
 * @param metric - The metric shown.
 * @param log - Whether the value axis is logarithmic; all values are above zero then.
 * @param window - The epochs to show.
 * @param size - The size of the chart in pixels.
 */
export function layoutOf(
  drawnRuns: readonly IDrawnRun[],
  metric: IChartMetric,
  log: boolean,
  window: Span,
  size: { width: number; height: number }
): IChartLayout {
  const { width, height } = size;
  const shown = drawnRuns.flatMap(({ lines }) =>
    lines.flatMap(({ points }) => within(points, window).map(([, y]) => y))
  );
  const span = spanOf(shown) ?? [log ? 0.1 : 0, 1];
  const values = log
    ? widenedByFactor(span)
    : metric.log
      ? widened(span, 0.1 * Math.max(Math.abs(span[0]), Math.abs(span[1])))
      : widened(span, 0.1, [0, 1]);
  const ticks = (log ? logTicksOf : ticksOf)(values, 6);
  const longest = Math.max(
    ...ticks.map(tick => metric.formatTick(tick).length)
  );
  const left = Math.max(MARGIN.left, Math.ceil(CHARACTER * longest) + 7);
  const across = [left, width - MARGIN.right] as const;
  // A single epoch is centred.
  const epochs: Span =
    window[1] > window[0] ? window : [window[0] - 0.5, window[0] + 0.5];
  const x = scaleOf(epochs, across);
  const y = scaleOf(values, [height - MARGIN.bottom, MARGIN.top], log);
  const back = scaleOf(across, epochs);
  return {
    width,
    height,
    left,
    ticks,
    window,
    values,
    x: epoch => rounded(x(epoch)),
    y: value => rounded(y(value)),
    epochAt: x => back(Math.min(Math.max(x, across[0]), across[1]))
  };
}
