import * as React from 'react';

import type { Curve } from '../messages/fieldReader';
import { rounded } from './curvePoints';

/** A small curve without axes; it is decorative, and hidden from screen readers. */
export function Sparkline(props: {
  curve: Curve;
  last?: number;
  wide?: boolean;
}): React.ReactElement {
  const [width, height] = props.wide ? [180, 36] : [56, 18];
  return (
    <svg
      className="jp-Classgame-curve"
      viewBox={`-2 -2 ${width + 4} ${height + 4}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path
        className={props.curve.length === 1 ? 'jp-mod-dot' : undefined}
        d={sparklinePath(props.curve, width, height, props.last)}
      />
    </svg>
  );
}

/**
 * Fit a curve into a box.
 *
 * The x axis spans the epochs, the y axis the values and at least a tenth, so that noise on a flat
 * curve does not look like progress.
 *
 * @param curve - The curve.
 * @param width - The width of the box, in any unit.
 * @param height - The height of the box, in the same unit.
 * @param last - The epoch at the right edge, if it is beyond the curve's last one.
 * @returns The `d` attribute of an SVG path; empty for an empty curve.
 */
export function sparklinePath(
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
  if (points.length > 1) {
    return `M${points.join('L')}`;
  }
  // A single epoch is a dot: a line that is as good as a point, with thick round ends.
  const x = last > first[0] ? 0 : width / 2;
  return `M${x} ${height / 2}h0.01`;
}
