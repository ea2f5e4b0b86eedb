/** The geometry of the chart: scales, ticks, what is nearest. Nothing of the page here. */

import type { Curve } from './reader';

/** From the smaller to the larger. */
export type Span = readonly [low: number, high: number];

/** Give the span of some numbers; null for none. */
export function spanOf(values: readonly number[]): Span | null {
  return values.length ? [Math.min(...values), Math.max(...values)] : null;
}

/**
 * Widen a span a little on either side, and to a least width about its middle.
 *
 * @param span - What is to be shown.
 * @param least - Its least width, so that noise on a flat curve does not look like progress.
 * @param limits - What it must not exceed.
 */
export function widened(
  [low, high]: Span,
  least: number,
  limits: Span = [-Infinity, Infinity]
): Span {
  const missing = Math.max(0, least - (high - low)) / 2;
  const room = missing || 0.04 * (high - low) || 0.5;
  return [Math.max(limits[0], low - room), Math.min(limits[1], high + room)];
}

/** Widen a span of positive numbers by a factor on either side. */
export function widenedByFactor([low, high]: Span): Span {
  const factor = Math.max(1.1, (high / low) ** 0.04);
  return [low / factor, high * factor];
}

/**
 * Make the function that takes one span to another.
 *
 * @param from - Of values; positive ones where `log` is true.
 * @param to - Of places; the first may be the larger.
 */
export function scaleOf(
  from: Span,
  to: readonly [number, number],
  log = false
): (value: number) => number {
  const at = log ? Math.log10 : (value: number) => value;
  const start = at(from[0]);
  const length = at(from[1]) - start || 1;
  return value => to[0] + ((at(value) - start) / length) * (to[1] - to[0]);
}

/** Give round numbers in a span, at most so many, at steps of 1, 2 or 5 times a power of ten. */
export function ticksOf([low, high]: Span, most: number): number[] {
  if (!(high > low)) {
    return [low];
  }
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 5, 10, 20, 50]) {
    const step = factor * power;
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    if (last - first < most) {
      return Array.from({ length: last - first + 1 }, (_, index) =>
        // Written in decimal, so that it is not 0.30000000000000004.
        Number(((first + index) * step).toPrecision(12))
      );
    }
  }
  return [];
}

/** Give ticks for a logarithmic axis: powers of ten, and where there are few, what is between. */
export function logTicksOf(span: Span, most: number): number[] {
  const [low, high] = span;
  const inside = (factors: number[]) => {
    const found: number[] = [];
    for (
      let power = Math.floor(Math.log10(low));
      power <= Math.log10(high);
      power++
    ) {
      for (const factor of factors) {
        const tick = Number(`${factor}e${power}`);
        if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) {
          found.push(tick);
        }
      }
    }
    return found;
  };
  const powers = inside([1]);
  if (powers.length > most) {
    const step = Math.ceil(powers.length / most);
    return powers.filter((_, index) => index % step === 0);
  }
  for (const factors of [
    [1, 2, 5],
    [1, 3]
  ]) {
    const found = inside(factors);
    if (found.length >= 3 && found.length <= most) {
      return found;
    }
  }
  return powers.length > 1 ? powers : ticksOf(span, most).filter(tick => tick);
}

/** Give whole epochs in a span. */
export function epochTicksOf(span: Span, most: number): number[] {
  return ticksOf(span, most).filter(Number.isInteger);
}

/** Give the points above zero: those that a logarithmic axis has room for. */
export function positive(curve: Curve): Curve {
  return curve.filter(([, value]) => value > 0);
}

/** Give the points in a span of epochs. */
export function within(curve: Curve, [first, last]: Span): Curve {
  return curve.filter(([epoch]) => epoch >= first && epoch <= last);
}

/** Give the number that is nearest; undefined of none. */
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

/** Give the point that is nearest to an epoch; undefined beyond the curve's ends. */
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

/** Give a curve's height at any time, between its points and level beyond them. */
export function heightAt(curve: Curve, epoch: number): number | undefined {
  const after = curve.findIndex(([each]) => each >= epoch);
  const right = curve[after < 0 ? curve.length - 1 : after];
  const left = curve[after - 1];
  if (!right || !left || after < 0) {
    return right?.[1];
  }
  const share = (epoch - left[0]) / (right[0] - left[0]);
  return left[1] + share * (right[1] - left[1]);
}

/**
 * Zoom a window of whole epochs.
 *
 * @param window - What is shown.
 * @param whole - What there is.
 * @param factor - Of the window's width; below 1 zooms in.
 * @param about - What stays where it is.
 * @returns The new window, at least one epoch wide; null for all there is.
 */
export function zoomed(
  window: Span,
  whole: Span,
  factor: number,
  about = (window[0] + window[1]) / 2
): Span | null {
  const width = Math.max(1, Math.floor(factor * (window[1] - window[0])));
  const share = (about - window[0]) / (window[1] - window[0] || 1);
  return moved([Math.round(about - share * width), width], whole);
}

/** Give the window that begins at an epoch and is so wide, shifted into what there is. */
function moved([start, width]: readonly [number, number], whole: Span) {
  if (width >= whole[1] - whole[0]) {
    return null;
  }
  const first = Math.min(Math.max(start, whole[0]), whole[1] - width);
  return [first, first + width] as const;
}

/** Shift a window just so far that an epoch is in it. */
export function shiftedTo(epoch: number, window: Span, whole: Span): Span {
  const width = window[1] - window[0];
  const start = Math.min(Math.max(window[0], epoch - width), epoch);
  return moved([start, width], whole) ?? whole;
}

/** Give the window that was marked out by dragging: whole epochs, at least one wide. */
export function dragged(from: number, to: number, whole: Span): Span | null {
  const first = Math.max(whole[0], Math.round(Math.min(from, to)));
  const last = Math.min(whole[1], Math.round(Math.max(from, to)));
  return moved([first, Math.max(1, last - first)], whole);
}

/** Write a curve as the value of a path's `d`; empty for fewer than two points. */
export function pathOf(
  curve: Curve,
  x: (epoch: number) => number,
  y: (value: number) => number
): string {
  const places = curve.map(
    ([epoch, value]) => `${rounded(x(epoch))} ${rounded(y(value))}`
  );
  return places.length > 1 ? `M${places.join('L')}` : '';
}

/** A place on the page, to a tenth of a pixel. */
export function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
