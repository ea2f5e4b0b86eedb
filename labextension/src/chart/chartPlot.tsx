import * as React from 'react';

import { Button } from '../components/button';
import { ChartAxes, ChartCurves, EditMarks, editText } from './chartCurves';
import { layoutOf } from './chartLayout';
import { ChartLegend, valuesText } from './chartLegend';
import type { IChartMetric, IDrawnRun } from './chartMetrics';
import { nearest } from './curvePoints';
import { spanOf, type Span } from './scale';
import { dragged, shiftedTo, zoomed } from './zoom';

/** The height of the chart in pixels. */
const HEIGHT = 170;

/** Fewest pixels that the pointer is dragged to select a range of epochs. */
const MIN_DRAG = 6;

/** The chart with its legend; its values can be read, and it can be zoomed, by pointer and keys. */
export function ChartPlot(props: {
  drawnRuns: readonly IDrawnRun[];
  metric: IChartMetric;
  log: boolean;
  /** How many values a logarithmic axis leaves out. */
  omitted: number;
  /** Controls beside the zoom buttons. */
  children: React.ReactNode;
}): React.ReactElement {
  const { drawnRuns, metric, log, omitted, children } = props;
  const [box, width] = useWidth();
  const [chosenWindow, setWindow] = React.useState<Span | null>(null);
  const [cursor, setCursor] = React.useState<number | null>(null);
  const [mark, setMark] = React.useState('');
  const [drag, setDrag] = React.useState<readonly [number, number] | null>(
    null
  );

  const epochs = epochsOf(drawnRuns);
  const whole = wholeOf(drawnRuns, epochs);
  const window =
    (chosenWindow &&
      dragged(Math.min(chosenWindow[0], whole[1]), chosenWindow[1], whole)) ??
    whole;
  const layout = layoutOf(drawnRuns, metric, log, window, {
    width,
    height: HEIGHT
  });
  const shown = epochs.filter(each => each >= window[0] && each <= window[1]);
  const epoch = cursor === null ? null : (nearest(shown, cursor) ?? null);
  const zoom = (factor: number) =>
    setWindow(zoomed(window, whole, factor, epoch ?? undefined));
  const moveCursor = (next: number | undefined) => {
    if (next !== undefined) {
      setCursor(next);
      setWindow(chosenWindow && shiftedTo(next, window, whole));
    }
  };

  const positionOf = (event: React.PointerEvent<SVGSVGElement>) => {
    const area = event.currentTarget.getBoundingClientRect();
    return ((event.clientX - area.left) / area.width) * width;
  };
  const pointerHandlers: React.SVGProps<SVGSVGElement> = {
    onPointerDown: event => {
      if (event.button === 0 && epochs.length > 1) {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([positionOf(event), positionOf(event)]);
      }
    },
    onPointerMove: event => {
      const x = positionOf(event);
      setCursor(nearest(shown, layout.epochAt(x)) ?? null);
      setDrag(drag && [drag[0], x]);
    },
    onPointerUp: event => {
      const x = positionOf(event);
      if (drag && Math.abs(x - drag[0]) >= MIN_DRAG) {
        setWindow(dragged(layout.epochAt(drag[0]), layout.epochAt(x), whole));
      }
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
    onPointerLeave: () => setCursor(null),
    onDoubleClick: () => setWindow(null)
  };
  const keyActions: Record<string, () => void> = {
    ArrowRight: () =>
      moveCursor(epoch === null ? shown[0] : epochs.find(each => each > epoch)),
    ArrowLeft: () =>
      moveCursor(
        epoch === null
          ? shown[shown.length - 1]
          : epochs.filter(each => each < epoch).pop()
      ),
    Home: () => moveCursor(epochs[0]),
    End: () => moveCursor(epochs[epochs.length - 1]),
    Escape: () => setCursor(null),
    '+': () => zoom(0.5),
    '-': () => zoom(2)
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const action = keyActions[event.key];
    if (action && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      action();
    }
  };

  const edits = epoch === null ? [] : editTextsOf(drawnRuns, epoch);
  const remarks = [
    ...(mark ? [`▲ ${mark}`] : edits.map(text => `▲ ${text}`)),
    window[1] - window[0] < whole[1] - whole[0]
      ? `epochs ${window[0]} to ${window[1]} of ${whole[1]}`
      : '',
    omitted
      ? `${omitted} ${omitted === 1 ? 'value' : 'values'} not above 0 left out`
      : ''
  ].filter(Boolean);
  return (
    <div ref={box}>
      <svg
        className="jp-Classgame-plot"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width="100%"
        height={HEIGHT}
        role="application"
        aria-roledescription="chart"
        aria-label={`${metric.label} by epoch: ${
          drawnRuns.map(({ name }) => name).join(', ') || 'no run is ticked'
        }. Arrow keys read the values, plus and minus zoom.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(null)}
        {...pointerHandlers}
      >
        {epochs.length > 0 ? (
          <>
            <ChartAxes layout={layout} metric={metric} />
            {drag && (
              <rect
                className="jp-Classgame-drag"
                x={Math.min(...drag)}
                y={0}
                width={Math.abs(drag[1] - drag[0])}
                height={HEIGHT}
              />
            )}
            <ChartCurves layout={layout} drawnRuns={drawnRuns} epoch={epoch} />
            <EditMarks layout={layout} drawnRuns={drawnRuns} show={setMark} />
          </>
        ) : (
          <text x={width / 2} y={HEIGHT / 2} textAnchor="middle">
            {emptyText(drawnRuns, omitted)}
          </text>
        )}
      </svg>
      <div className="jp-Classgame-tools">
        {children}
        <Button
          label="Zoom out"
          sign="−"
          onClick={() => zoom(2)}
          disabled={!chosenWindow}
        />
        <Button
          label="Zoom in"
          sign="+"
          onClick={() => zoom(0.5)}
          disabled={window[1] - window[0] <= 1}
        />
        <Button
          label="Show all epochs"
          sign="Reset"
          onClick={() => setWindow(null)}
          disabled={!chosenWindow}
        />
      </div>
      <p className="jp-Classgame-remark">
        {remarks.join(' · ') || 'Drag over the chart to zoom.'}
      </p>
      <ChartLegend drawnRuns={drawnRuns} metric={metric} epoch={epoch} />
      <div className="jp-Classgame-spoken" role="status" aria-live="polite">
        {epoch !== null &&
          [valuesText(drawnRuns, metric, epoch), ...edits].join('; ')}
      </div>
    </div>
  );
}

/** The width of an element in pixels; a typical width until it is on the page. */
function useWidth(): [React.RefObject<HTMLDivElement>, number] {
  const box = React.useRef<HTMLDivElement>(null);
  const [width, setWidth] = React.useState(260);
  React.useEffect(() => {
    const observer = new ResizeObserver(entries => {
      const now = Math.floor(entries[0]?.contentRect.width ?? 0);
      if (now > 0) {
        setWidth(now);
      }
    });
    if (box.current) {
      observer.observe(box.current);
    }
    return () => observer.disconnect();
  }, []);
  return [box, width];
}

/** Return all epochs that have a value, in order. */
function epochsOf(drawnRuns: readonly IDrawnRun[]): number[] {
  const found = new Set<number>();
  for (const { lines } of drawnRuns) {
    for (const { points } of lines) {
      points.forEach(([epoch]) => found.add(epoch));
    }
  }
  return [...found].sort((one, other) => one - other);
}

/** Return the span of all epochs, including those with edits. */
function wholeOf(
  drawnRuns: readonly IDrawnRun[],
  epochs: readonly number[]
): Span {
  const edits = drawnRuns.flatMap(({ numbers }) =>
    (numbers?.edits ?? []).flatMap(([at]) => [Math.floor(at), Math.ceil(at)])
  );
  return spanOf([...epochs, ...edits]) ?? [0, 1];
}

/** Describe the edits by hand that were made during an epoch. */
function editTextsOf(drawnRuns: readonly IDrawnRun[], epoch: number): string[] {
  return drawnRuns.flatMap(({ name, numbers }) =>
    (numbers?.edits ?? [])
      .filter(([at]) => Math.floor(at) + 1 === epoch)
      .map(edit => editText(name, edit))
  );
}

/** Explain why the chart is empty. */
function emptyText(drawnRuns: readonly IDrawnRun[], omitted: number): string {
  if (!drawnRuns.length) {
    return 'Tick a run to draw it';
  }
  return omitted ? 'No value is above 0' : 'No epoch is over yet';
}
