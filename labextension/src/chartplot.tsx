import * as React from 'react';

import { ChartLegend, spoken } from './chartlegend';
import { Axes, Lines, Marks, editText, layoutOf } from './chartlines';
import type { IDrawing, IMeasure } from './measure';
import { Button } from './parts';
import { dragged, nearest, shiftedTo, spanOf, zoomed, type Span } from './plot';

const HEIGHT = 170;

/** Pixels that the pointer moves before it is taken to mark out a range. */
const DRAG = 6;

/** The curves of some runs, to be read and zoomed by pointer and by key. */
export function ChartPlot(props: {
  drawings: readonly IDrawing[];
  measure: IMeasure;
  log: boolean;
  /** How many values have no place on a logarithmic axis. */
  left: number;
  /** Controls beside those of the zoom. */
  children: React.ReactNode;
}): React.ReactElement {
  const { drawings, measure, log, left, children } = props;
  const [box, width] = useWidth();
  const [chosen, setWindow] = React.useState<Span | null>(null);
  const [cursor, setCursor] = React.useState<number | null>(null);
  const [mark, setMark] = React.useState('');
  const [drag, setDrag] = React.useState<readonly [number, number] | null>(
    null
  );

  const epochs = epochsOf(drawings);
  const whole = wholeOf(drawings, epochs);
  const window =
    (chosen && dragged(Math.min(chosen[0], whole[1]), chosen[1], whole)) ??
    whole;
  const layout = layoutOf(drawings, measure, log, window, {
    width,
    height: HEIGHT
  });
  const shown = epochs.filter(each => each >= window[0] && each <= window[1]);
  const epoch = cursor === null ? null : (nearest(shown, cursor) ?? null);
  const zoom = (factor: number) =>
    setWindow(zoomed(window, whole, factor, epoch ?? undefined));
  const read = (next: number | undefined) => {
    if (next !== undefined) {
      setCursor(next);
      setWindow(chosen && shiftedTo(next, window, whole));
    }
  };

  const place = (event: React.PointerEvent<SVGSVGElement>) => {
    const area = event.currentTarget.getBoundingClientRect();
    return ((event.clientX - area.left) / area.width) * width;
  };
  const pointer: React.SVGProps<SVGSVGElement> = {
    onPointerDown: event => {
      if (event.button === 0 && epochs.length > 1) {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([place(event), place(event)]);
      }
    },
    onPointerMove: event => {
      const x = place(event);
      setCursor(nearest(shown, layout.epochAt(x)) ?? null);
      setDrag(drag && [drag[0], x]);
    },
    onPointerUp: event => {
      const x = place(event);
      if (drag && Math.abs(x - drag[0]) >= DRAG) {
        setWindow(dragged(layout.epochAt(drag[0]), layout.epochAt(x), whole));
      }
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
    onPointerLeave: () => setCursor(null),
    onDoubleClick: () => setWindow(null)
  };
  const keys: Record<string, () => void> = {
    ArrowRight: () =>
      read(epoch === null ? shown[0] : epochs.find(each => each > epoch)),
    ArrowLeft: () =>
      read(
        epoch === null
          ? shown[shown.length - 1]
          : epochs.filter(each => each < epoch).pop()
      ),
    Home: () => read(epochs[0]),
    End: () => read(epochs[epochs.length - 1]),
    Escape: () => setCursor(null),
    '+': () => zoom(0.5),
    '-': () => zoom(2)
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const deed = keys[event.key];
    if (deed && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      deed();
    }
  };

  const edits = epoch === null ? [] : editsIn(drawings, epoch);
  const remarks = [
    ...(mark ? [`▲ ${mark}`] : edits.map(text => `▲ ${text}`)),
    window[1] - window[0] < whole[1] - whole[0]
      ? `epochs ${window[0]} to ${window[1]} of ${whole[1]}`
      : '',
    left
      ? `${left} ${left === 1 ? 'value' : 'values'} not above 0 left out`
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
        aria-label={`${measure.label} by epoch: ${
          drawings.map(({ name }) => name).join(', ') || 'no run is ticked'
        }. Arrow keys read the values, plus and minus zoom.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(null)}
        {...pointer}
      >
        {epochs.length > 0 ? (
          <>
            <Axes layout={layout} measure={measure} log={log} />
            {drag && (
              <rect
                className="jp-Classgame-drag"
                x={Math.min(...drag)}
                y={0}
                width={Math.abs(drag[1] - drag[0])}
                height={HEIGHT}
              />
            )}
            <Lines layout={layout} drawings={drawings} epoch={epoch} />
            <Marks layout={layout} drawings={drawings} show={setMark} />
          </>
        ) : (
          <text x={width / 2} y={HEIGHT / 2} textAnchor="middle">
            {emptyText(drawings, left)}
          </text>
        )}
      </svg>
      <div className="jp-Classgame-tools">
        {children}
        <Button
          label="Zoom out"
          sign="−"
          onClick={() => zoom(2)}
          disabled={!chosen}
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
          disabled={!chosen}
        />
      </div>
      <p className="jp-Classgame-remark">
        {remarks.join(' · ') || 'Drag over the chart to zoom.'}
      </p>
      <ChartLegend drawings={drawings} measure={measure} epoch={epoch} />
      <div className="jp-Classgame-spoken" role="status" aria-live="polite">
        {epoch !== null &&
          [spoken(drawings, measure, epoch), ...edits].join('; ')}
      </div>
    </div>
  );
}

/** The width of an element on the page, in pixels; some width before it is there. */
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

/** All epochs that have a value, in order. */
function epochsOf(drawings: readonly IDrawing[]): number[] {
  const found = new Set<number>();
  for (const { lines } of drawings) {
    for (const { points } of lines) {
      points.forEach(([epoch]) => found.add(epoch));
    }
  }
  return [...found].sort((one, other) => one - other);
}

/** All that there is to show: the epochs, and the edits before and after them. */
function wholeOf(
  drawings: readonly IDrawing[],
  epochs: readonly number[]
): Span {
  const edits = drawings.flatMap(({ numbers }) =>
    (numbers?.edits ?? []).flatMap(([at]) => [Math.floor(at), Math.ceil(at)])
  );
  return spanOf([...epochs, ...edits]) ?? [0, 1];
}

/** What was edited by hand in the course of an epoch. */
function editsIn(drawings: readonly IDrawing[], epoch: number): string[] {
  return drawings.flatMap(({ name, numbers }) =>
    (numbers?.edits ?? [])
      .filter(([at]) => Math.floor(at) + 1 === epoch)
      .map(edit => editText(name, edit))
  );
}

function emptyText(drawings: readonly IDrawing[], left: number): string {
  if (!drawings.length) {
    return 'Tick a run to draw it';
  }
  return left ? 'No value is above 0' : 'No epoch is over yet';
}
