/** The points of curves: selected, read at an epoch, and as an SVG path. Independent of the page. */

import type { Curve } from '../messages/fieldReader';
import { spanOf, type Span } from './scale';

/** Return the points above zero, which a logarithmic axis can show. */
export function positive(curve: Curve): Curve {
  return curve.filter(([, value]) => value > 0);
}

/** Return the points within a span of epochs. */
export function within(curve: Curve, [first, last]: Span): Curve {
  return curve.filter(([epoch]) => epoch >= first && epoch <= last);
}

/** Return the nearest of some numbers, the first of equally near ones; undefined if there are none. */
export function nearest(
  numbers: readonly number[],
  to: number
): number | undefined {
  let best: number | undefined;
  for (const each of numbers) {
    if (best === undefined || Math.abs(each - to) < Math.abs(best - to)) {
      best = each;
    }
  }
  return best;
}

/** Return the point nearest to an epoch; undefined beyond the ends of the curve. */
export function pointAt(
  curve: Curve,
  epoch: number
): readonly [number, number] | undefined {
  const ends = spanOf(curve.map(([each]) => each));
  if (!ends || epoch < ends[0] || epoch > ends[1]) {
    return undefined;
  }
  const found = nearest(
    curve.map(([each]) => each),
    epoch
  );
  return curve.find(([each]) => each === found);
}

/** Interpolate a curve at an epoch; beyond its ends it is level. */
export function valueAt(curve: Curve, epoch: number): number | undefined {
  const after = curve.findIndex(([each]) => each >= epoch);
  const right = curve[after < 0 ? curve.length - 1 : after];
  const left = curve[after - 1];
  if (!right || !left || after < 0) {
    return right?.[1];
  }
  const share = (epoch - left[0]) / (right[0] - left[0]);
  return left[1] + share * (right[1] - left[1]);
}

/** Return a curve as the `d` attribute of an SVG path; empty for fewer than two points. */
export function pathOf(
  curve: Curve,
  x: (epoch: number) => number,
  y: (value: number) => number
): string {
  const positions = curve.map(
    ([epoch, value]) => `${rounded(x(epoch))} ${rounded(y(value))}`
  );
  return positions.length > 1 ? `M${positions.join('L')}` : '';
}

/** Round a position to a tenth of a pixel. */
export function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
