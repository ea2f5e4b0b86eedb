import * as React from 'react';

import { mainLine, type IDrawing, type IMeasure } from './measure';
import type { Edit } from './numbers';
import {
  epochTicksOf,
  heightAt,
  logTicksOf,
  pathOf,
  pointAt,
  rounded,
  scaleOf,
  spanOf,
  ticksOf,
  widened,
  widenedByFactor,
  within,
  type Span
} from './plot';

const MARGIN = { left: 44, right: 8, top: 8, bottom: 20 };

/** Where things are in a chart of some size. */
export interface ILayout {
  width: number;
  height: number;
  /** The epochs that are shown, and the values. */
  window: Span;
  values: Span;
  x: (epoch: number) => number;
  y: (value: number) => number;
  epochAt: (x: number) => number;
}

/**
 * Lay out a chart; the values are fitted to what is in the window.
 *
 * @param drawings - The runs.
 * @param measure - What is shown of them.
 * @param log - Whether values go by their logarithm; all are above zero then.
 * @param window - The epochs that are shown.
 * @param size - In pixels.
 */
export function layoutOf(
  drawings: readonly IDrawing[],
  measure: IMeasure,
  log: boolean,
  window: Span,
  size: { width: number; height: number }
): ILayout {
  const { width, height } = size;
  const across = [MARGIN.left, width - MARGIN.right] as const;
  const shown = drawings.flatMap(({ lines }) =>
    lines.flatMap(({ points }) => within(points, window).map(([, y]) => y))
  );
  const span = spanOf(shown) ?? [log ? 0.1 : 0, 1];
  const values = log
    ? widenedByFactor(span)
    : measure.log
      ? widened(span, 0.1 * Math.max(Math.abs(span[0]), Math.abs(span[1])))
      : widened(span, 0.1, [0, 1]);
  // A single epoch is in the middle.
  const epochs: Span =
    window[1] > window[0] ? window : [window[0] - 0.5, window[0] + 0.5];
  const x = scaleOf(epochs, across);
  const y = scaleOf(values, [height - MARGIN.bottom, MARGIN.top], log);
  const back = scaleOf(across, epochs);
  return {
    width,
    height,
    window,
    values,
    x: epoch => rounded(x(epoch)),
    y: value => rounded(y(value)),
    epochAt: x => back(Math.min(Math.max(x, across[0]), across[1]))
  };
}

/** Grid, ticks and numbers. */
export function Axes(props: {
  layout: ILayout;
  measure: IMeasure;
  log: boolean;
}): React.ReactElement {
  const { layout, measure, log } = props;
  const { width, height, window, values, x, y } = layout;
  const bottom = height - MARGIN.bottom;
  const right = width - MARGIN.right;
  const room = Math.max(2, Math.floor((right - MARGIN.left) / 28));
  return (
    <g className="jp-Classgame-axes" aria-hidden="true">
      {(log ? logTicksOf : ticksOf)(values, 6).map(value => (
        <g key={value}>
          <path d={`M${MARGIN.left} ${y(value)}H${right}`} />
          <text x={MARGIN.left - 5} y={y(value) + 3.5} textAnchor="end">
            {measure.tick(value)}
          </text>
        </g>
      ))}
      <path className="jp-mod-base" d={`M${MARGIN.left} ${bottom}H${right}`} />
      {epochTicksOf(window, room).map(epoch => (
        <g key={epoch}>
          <path className="jp-mod-base" d={`M${x(epoch)} ${bottom}v4`} />
          <text x={x(epoch)} y={height - 4} textAnchor="middle">
            {epoch}
          </text>
        </g>
      ))}
      <text x={MARGIN.left - 14} y={height - 4} textAnchor="end">
        epoch
      </text>
    </g>
  );
}

/** The curves, and a dot on each at the epoch that is read. */
export function Lines(props: {
  layout: ILayout;
  drawings: readonly IDrawing[];
  epoch: number | null;
}): React.ReactElement {
  const { layout, drawings, epoch } = props;
  const { width, height, x, y } = layout;
  const inner = {
    x: MARGIN.left,
    y: 0,
    width: Math.max(0, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.bottom + 1
  };
  return (
    <>
      {epoch !== null && (
        <path
          className="jp-Classgame-cursor"
          d={`M${x(epoch)} ${MARGIN.top}V${height - MARGIN.bottom}`}
        />
      )}
      <svg
        {...inner}
        viewBox={`${inner.x} 0 ${inner.width} ${inner.height}`}
        overflow="hidden"
      >
        {drawings.map(({ run, slot, lines }) => (
          <g key={run} className={`jp-mod-slot${slot}`} data-run={run}>
            {lines.map(({ label, thin, points }) => {
              const lone = points.length === 1 ? points[0] : undefined;
              const dot =
                lone ?? (epoch === null ? undefined : pointAt(points, epoch));
              return (
                <g key={label} data-curve={label}>
                  <path
                    className={`jp-Classgame-drawn ${thin ? 'jp-mod-thin' : ''}`}
                    d={pathOf(points, x, y)}
                  />
                  {dot && (
                    <circle cx={x(dot[0])} cy={y(dot[1])} r={thin ? 2 : 3} />
                  )}
                </g>
              );
            })}
          </g>
        ))}
      </svg>
    </>
  );
}

/** Say what was edited by hand, in which run and when. */
export function editText(name: string, [epoch, text]: Edit): string {
  const done = Number(epoch.toFixed(2));
  return `${name}, after ${done} ${done === 1 ? 'epoch' : 'epochs'}: ${text}`;
}

/** The edits by hand, on the curves. */
export function Marks(props: {
  layout: ILayout;
  drawings: readonly IDrawing[];
  show: (text: string) => void;
}): React.ReactElement {
  const { layout, drawings, show } = props;
  const { window, x, y, height } = layout;
  const bottom = height - MARGIN.bottom;
  return (
    <>
      {drawings.map(drawing =>
        (drawing.numbers?.edits ?? []).map((edit, index) => {
          const [epoch] = edit;
          if (epoch < window[0] || epoch > window[1]) {
            return null;
          }
          const level = heightAt(mainLine(drawing), epoch);
          const top = level === undefined ? bottom - 9 : y(level);
          const text = editText(drawing.name, edit);
          return (
            <g
              key={`${drawing.run} ${index}`}
              className={`jp-Classgame-mark jp-mod-slot${drawing.slot}`}
              transform={`translate(${x(epoch)} ${top})`}
              role="img"
              aria-label={`Edit by hand: ${text}`}
              tabIndex={0}
              onPointerEnter={() => show(text)}
              onPointerLeave={() => show('')}
              onFocus={() => show(text)}
              onBlur={() => show('')}
            >
              <title>{text}</title>
              <circle cy="5" r="9" />
              <path d="M0 1l5 9h-10z" />
            </g>
          );
        })
      )}
    </>
  );
}
