import * as React from 'react';

import type { IDrawing, ILine, IMeasure } from './measure';
import { pointAt } from './plot';

/** Give the point of a curve that is read at an epoch, or its last. */
export function reading(
  { points }: ILine,
  epoch: number | null
): readonly [number, number] | undefined {
  return epoch === null ? points[points.length - 1] : pointAt(points, epoch);
}

/** Say the values of all curves at an epoch in a sentence. */
export function spoken(
  drawings: readonly IDrawing[],
  measure: IMeasure,
  epoch: number
): string {
  const runs = drawings.map(({ name, lines }) => {
    const values = lines.flatMap(line => {
      const point = reading(line, epoch);
      return point ? [`${line.label} ${measure.write(point[1])}`] : [];
    });
    return `${name}: ${values.join(', ') || 'no value'}`;
  });
  return [`Epoch ${epoch}`, ...runs].join('; ');
}

/** Which line is which, and the values at an epoch, or the last ones. */
export function ChartLegend(props: {
  drawings: readonly IDrawing[];
  measure: IMeasure;
  epoch: number | null;
}): React.ReactElement | null {
  const { drawings, measure, epoch } = props;
  if (!drawings.length) {
    return null;
  }
  return (
    <table className="jp-Classgame-legend">
      <thead>
        <tr>
          <th scope="col">
            {epoch === null ? 'last epoch' : `epoch ${epoch}`}
          </th>
          {measure.curves.map(({ name, label }, index) => (
            <th key={name} scope="col">
              {measure.curves.length > 1 && (
                <Sample thin={index > 0} className="jp-mod-any" />
              )}
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {drawings.map(({ run, name, slot, lines }) => (
          <tr key={run}>
            <th scope="row">
              <div>
                <Sample className={`jp-mod-slot${slot}`} />
                <span>{name}</span>
              </div>
            </th>
            {lines.map(line => {
              const point = reading(line, epoch);
              return (
                <td key={line.label}>
                  {point ? measure.write(point[1]) : '–'}
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

/** A piece of a line as it is in the chart. */
function Sample(props: {
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
