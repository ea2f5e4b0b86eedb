import * as React from 'react';

import type { IChartLine, IChartMetric, IDrawnRun } from './chartMetrics';
import { pointAt } from './curvePoints';

/** Return the point of a curve at an epoch; its last point if the epoch is null. */
function legendPoint(
  { points }: IChartLine,
  epoch: number | null
): readonly [number, number] | undefined {
  return epoch === null ? points[points.length - 1] : pointAt(points, epoch);
}

/** Describe the values of all curves at an epoch in a sentence, for screen readers. */
export function valuesText(
  drawnRuns: readonly IDrawnRun[],
  metric: IChartMetric,
  epoch: number
): string {
  const runs = drawnRuns.map(({ name, lines }) => {
    const values = lines.flatMap(line => {
      const point = legendPoint(line, epoch);
      return point ? [`${line.label} ${metric.format(point[1])}`] : [];
    });
    return `${name}: ${values.join(', ') || 'no value'}`;
  });
  return [`Epoch ${epoch}`, ...runs].join('; ');
}

/** A table of the runs with a sample of their lines and their values at an epoch, or the last ones. */
export function ChartLegend(props: {
  drawnRuns: readonly IDrawnRun[];
  metric: IChartMetric;
  epoch: number | null;
}): React.ReactElement | null {
  const { drawnRuns, metric, epoch } = props;
  if (!drawnRuns.length) {
    return null;
  }
  return (
    <table className="jp-Classgame-legend">
      <thead>
        <tr>
          <th scope="col">
            {epoch === null ? 'last epoch' : `epoch ${epoch}`}
          </th>
          {metric.curves.map(({ name, label }, index) => (
            <th key={name} scope="col">
              {metric.curves.length > 1 && (
                <LineSample thin={index > 0} className="jp-mod-any" />
              )}
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {drawnRuns.map(({ run, name, slot, lines }) => (
          <tr key={run}>
            <th scope="row">
              <div>
                <LineSample className={`jp-mod-slot${slot}`} />
                <span>{name}</span>
              </div>
            </th>
            {lines.map(line => {
              const point = legendPoint(line, epoch);
              return (
                <td key={line.label}>
                  {point ? metric.format(point[1]) : '–'}
                  {point && epoch !== null && point[0] !== epoch && (
                    <small> epoch {point[0]}</small>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A sample of a line in the chart. */
function LineSample(props: {
  className: string;
  thin?: boolean;
}): React.ReactElement {
  const width = props.className === 'jp-mod-any' ? 14 : 22;
  return (
    <svg width={width} height="10" aria-hidden="true">
      <path
        className={`jp-Classgame-drawn ${props.className} ${
          props.thin ? 'jp-mod-thin' : ''
        }`}
        d={`M0 5h${width}`}
      />
    </svg>
  );
}
