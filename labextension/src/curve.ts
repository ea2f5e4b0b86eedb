import { rounded } from './plot';
import type { Curve } from './reader';

/**
 * Draw a curve into a box as an SVG path.
 *
 * The x axis goes from the first epoch to the last, the y axis over the values and at least over a
 * tenth, so that noise on a flat curve does not look like progress.
 *
 * @param curve - Epochs and values.
 * @param width - Of the box, in any unit.
 * @param height - Of the box.
 * @param last - The epoch at the right end, if it is beyond the curve's own last.
 * @returns The value of a path's `d`; empty for an empty curve.
 */
export function curvePath(
  curve: Curve,
  width: number,
  height: number,
  last = 0
): string {
  const first = curve[0];
  const final = curve[curve.length - 1];
  if (!first || !final) {
    return '';
  }
  const values = curve.map(([, value]) => value);
  const top = Math.max(...values);
  const span = Math.max(top - Math.min(...values), 0.1);
  const range = Math.max(final[0], last) - first[0] || 1;
  const points = curve.map(([epoch, value]) => {
    const x = ((epoch - first[0]) / range) * width;
    const y = ((top - value) / span) * height;
    return `${rounded(x)} ${rounded(y)}`;
  });
  // A single epoch is a dot: a line of no length with round ends.
  return `M${points.length > 1 ? points.join('L') : `${points[0]}h0`}`;
}
