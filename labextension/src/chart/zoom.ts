/** The window of epochs that the chart shows. Independent of the page. */

import type { Span } from './scale';

/**
 * Zoom a window of whole epochs.
 *
 * @param window - The epochs shown.
 * @param whole - All epochs there are.
 * @param factor - Multiplies the width of the window; below 1 zooms in.
 * @param about - The epoch that stays in place; by default the middle.
 * @returns The new window, at least one epoch wide; null for all epochs.
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

/** Return the window of a start and a width, shifted into the whole; null if it is the whole. */
function moved([start, width]: readonly [number, number], whole: Span) {
  if (width >= whole[1] - whole[0]) {
    return null;
  }
  const first = Math.min(Math.max(start, whole[0]), whole[1] - width);
  return [first, first + width] as const;
}

/** Shift a window as little as needed to contain an epoch. */
export function shiftedTo(epoch: number, window: Span, whole: Span): Span {
  const width = window[1] - window[0];
  const start = Math.min(Math.max(window[0], epoch - width), epoch);
  return moved([start, width], whole) ?? whole;
}

/** Return the window selected by dragging: whole epochs, at least one wide. */
export function dragged(from: number, to: number, whole: Span): Span | null {
  const first = Math.max(whole[0], Math.round(Math.min(from, to)));
  const last = Math.min(whole[1], Math.round(Math.max(from, to)));
  return moved([first, Math.max(1, last - first)], whole);
}
