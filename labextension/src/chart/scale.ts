/** Spans of values, scales and ticks of axes. Independent of the page. */

/** The smallest and the largest of some numbers. */
export type Span = readonly [low: number, high: number];

/** Return the span of some numbers; null if there are none. */
export function spanOf(values: readonly number[]): Span | null {
  return values.length ? [Math.min(...values), Math.max(...values)] : null;
}

/**
 * Widen a span by a margin on both sides, and to a minimal width about its middle.
 *
 * @param span - The span to show.
 * @param least - The minimal width, so that noise on a flat curve does not look like progress.
 * @param limits - The limits that the result must not exceed.
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

/** Widen a span of positive numbers by a factor on both sides. */
export function widenedByFactor([low, high]: Span): Span {
  const factor = Math.max(1.1, (high / low) ** 0.04);
  return [low / factor, high * factor];
}

/**
 * Return the function that maps values to positions.
 *
 * @param from - The span of values; positive if `log` is true.
 * @param to - The positions of its ends; the first may be the larger.
 * @param log - Whether the scale is logarithmic.
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

/** Return at most `most` ticks in a span, in steps of 1, 2 or 5 times a power of ten. */
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
        // Rounded, so that it is 0.3 and not 0.30000000000000004.
        Number(((first + index) * step).toPrecision(12))
      );
    }
  }
  return [];
}

/** Return ticks for a logarithmic axis: powers of ten, and numbers between if these are few. */
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

/** Return ticks at whole epochs in a span. */
export function epochTicksOf(span: Span, most: number): number[] {
  return ticksOf(span, most).filter(Number.isInteger);
}
