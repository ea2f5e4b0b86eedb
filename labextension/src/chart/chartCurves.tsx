import * as React from 'react';

import type { HandEdit } from '../messages/runCurves';
import { CHARACTER, MARGIN, type IChartLayout } from './chartLayout';
import { markedCurve, type IChartMetric, type IDrawnRun } from './chartMetrics';
import { pathOf, pointAt, valueAt } from './curvePoints';
import { epochTicksOf } from './scale';

/** The axes with grid lines, ticks and numbers. */
export function ChartAxes(props: {
  layout: IChartLayout;
  metric: IChartMetric;
}): React.ReactElement {
  const { layout, metric } = props;
  const { width, height, left, ticks, window, x, y } = layout;
  const bottom = height - MARGIN.bottom;
  const right = width - MARGIN.right;
  const mostTicks = Math.max(2, Math.floor((right - left) / 28));
  return (
    <g className="jp-Classgame-axes" aria-hidden="true">
      {ticks.map(value => (
        <g key={value}>
          <path d={`M${left} ${y(value)}H${right}`} />
          <text x={left - 5} y={y(value) + 3.5} textAnchor="end">
            {metric.formatTick(value)}
          </text>
        </g>
      ))}
      <path className="jp-mod-base" d={`M${left} ${bottom}H${right}`} />
      {epochTicksOf(window, mostTicks).map(epoch => (
        <g key={epoch}>
          <path className="jp-mod-base" d={`M${x(epoch)} ${bottom}v4`} />
          <text
            x={Math.min(x(epoch), width - halfWidth(epoch))}
            y={height - 4}
            textAnchor="middle"
          >
            {epoch}
          </text>
        </g>
      ))}
      <text x={left - 14} y={height - 4} textAnchor="end">
        epoch
      </text>
    </g>
  );
}

/** Half the pixels that an epoch's number takes: the last one stays inside the chart. */
function halfWidth(epoch: number): number {
  return (CHARACTER * String(epoch).length) / 2;
}

/** The curves, and a dot on each at the selected epoch. */
export function ChartCurves(props: {
  layout: IChartLayout;
  drawnRuns: readonly IDrawnRun[];
  epoch: number | null;
}): React.ReactElement {
  const { layout, drawnRuns, epoch } = props;
  const { width, height, left, x, y } = layout;
  const inner = {
    x: left,
    y: 0,
    width: Math.max(0, width - left - MARGIN.right),
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
        {drawnRuns.map(({ run, slot, lines }) => (
          <g key={run} className={`jp-mod-slot${slot}`} data-run={run}>
            {lines.map(({ label, thin, points }) => {
              const single = points.length === 1 ? points[0] : undefined;
              const dot =
                single ?? (epoch === null ? undefined : pointAt(points, epoch));
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

/** Describe an edit by hand: in which run, when and what. */
export function editText(name: string, [epoch, text]: HandEdit): string {
  const done = Number(epoch.toFixed(2));
  return `${name}, after ${done} ${done === 1 ? 'epoch' : 'epochs'}: ${text}`;
}

/** Marks of the edits by hand, on the curves. */
export function EditMarks(props: {
  layout: IChartLayout;
  drawnRuns: readonly IDrawnRun[];
  show: (text: string) => void;
}): React.ReactElement {
  const { layout, drawnRuns, show } = props;
  const { window, x, y, height } = layout;
  const bottom = height - MARGIN.bottom;
  return (
    <>
      {drawnRuns.map(run =>
        (run.numbers?.edits ?? []).map((edit, index) => {
          const [epoch] = edit;
          if (epoch < window[0] || epoch > window[1]) {
            return null;
          }
          const level = valueAt(markedCurve(run), epoch);
          const top = level === undefined ? bottom - 9 : y(level);
          const text = editText(run.name, edit);
          return (
            <g
              key={`${run.run} ${index}`}
              className={`jp-Classgame-mark jp-mod-slot${run.slot}`}
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
