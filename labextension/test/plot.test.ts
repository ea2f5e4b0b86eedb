import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  dragged,
  epochTicksOf,
  heightAt,
  logTicksOf,
  nearest,
  pathOf,
  pointAt,
  positive,
  scaleOf,
  shiftedTo,
  spanOf,
  ticksOf,
  widened,
  widenedByFactor,
  within,
  zoomed,
  type Span
} from '../src/plot';
import type { Curve } from '../src/reader';

const CURVE: Curve = [
  [1, 4],
  [3, 2],
  [5, 0]
];

test('a span is that of the numbers, and none of no numbers', () => {
  assert.deepEqual(spanOf([3, 1, 2]), [1, 3]);
  assert.equal(spanOf([]), null);
});

test('a span is widened a little, to a least width, and not beyond its limits', () => {
  assert.deepEqual(widened([0, 100], 10), [-4, 104]);
  assert.deepEqual(widened([0.5, 0.5], 0.1), [0.45, 0.55]);
  assert.deepEqual(widened([0.98, 1], 0.1, [0, 1]), [0.94, 1]);
  assert.deepEqual(widened([0, 0], 0), [-0.5, 0.5]);
  const [low, high] = widenedByFactor([1, 1]);
  assert.ok(low < 1 && high > 1);
});

test('scales go from span to span, upside down and by logarithm too', () => {
  const y = scaleOf([0, 10], [100, 0]);
  assert.deepEqual([0, 5, 10].map(y), [100, 50, 0]);
  const log = scaleOf([0.01, 1], [0, 100], true);
  assert.deepEqual([0.01, 0.1, 1].map(log).map(Math.round), [0, 50, 100]);
  assert.equal(scaleOf([2, 2], [0, 10])(2), 0);
});

const ticks: [Span, number, number[]][] = [
  [[0, 1], 5, [0, 0.5, 1]],
  [[0, 1], 6, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [[0.1, 0.32], 5, [0.1, 0.15, 0.2, 0.25, 0.3]],
  [[-3, 3], 4, [-2, 0, 2]],
  [[1e-5, 3e-5], 3, [1e-5, 2e-5, 3e-5]],
  [[7, 7], 5, [7]]
];

for (const [span, most, expected] of ticks) {
  test(`ticks from ${span[0]} to ${span[1]} are round`, () => {
    assert.deepEqual(ticksOf(span, most), expected);
  });
}

test('ticks are never more than asked for', () => {
  for (let high = 0.001; high < 1000; high *= 1.37) {
    for (const most of [2, 3, 5, 9]) {
      const found = ticksOf([0.0003, high], most).length;
      assert.ok(found <= most, `${found} up to ${high}`);
      const log = logTicksOf([0.0003, high], most).length;
      assert.ok(log <= Math.max(most, 1), `${log} up to ${high}`);
    }
  }
});

test('on a logarithmic axis ticks are powers of ten, or what is between', () => {
  assert.deepEqual(logTicksOf([0.0009, 1.1], 5), [0.001, 0.01, 0.1, 1]);
  assert.deepEqual(logTicksOf([0.09, 1.1], 3), [0.1, 0.3, 1]);
  assert.deepEqual(logTicksOf([0.9, 5.5], 5), [1, 2, 5]);
  assert.deepEqual(logTicksOf([2.1, 2.9], 4), [2.2, 2.4, 2.6, 2.8]);
  assert.deepEqual(logTicksOf([1e-9, 1], 5), [1e-9, 1e-7, 1e-5, 0.001, 0.1]);
});

test('ticks of epochs are whole', () => {
  assert.deepEqual(epochTicksOf([1, 3], 9), [1, 2, 3]);
  assert.deepEqual(epochTicksOf([1, 50], 6), [10, 20, 30, 40, 50]);
});

test('what is not above zero has no logarithm', () => {
  assert.deepEqual(positive(CURVE), [
    [1, 4],
    [3, 2]
  ]);
});

test('points in a window are those of its epochs', () => {
  assert.deepEqual(within(CURVE, [2, 3]), [[3, 2]]);
  assert.deepEqual(within(CURVE, [6, 9]), []);
});

test('the nearest number is found, the first of two', () => {
  assert.equal(nearest([1, 3, 5], 4.2), 5);
  assert.equal(nearest([1, 3, 5], 2), 1);
  assert.equal(nearest([], 2), undefined);
});

test('a curve is read at the nearest of its points, and not beyond its ends', () => {
  assert.deepEqual(pointAt(CURVE, 4.4), [5, 0]);
  assert.deepEqual(pointAt(CURVE, 1), [1, 4]);
  assert.equal(pointAt(CURVE, 5.1), undefined);
  assert.equal(pointAt(CURVE, 0.9), undefined);
  assert.equal(pointAt([], 1), undefined);
});

test('a curve has a height between its points, and is level beyond them', () => {
  assert.deepEqual(
    [0, 1, 1.5, 3, 4, 9].map(epoch => heightAt(CURVE, epoch)),
    [4, 4, 3.5, 2, 1, 0]
  );
  assert.equal(heightAt([], 1), undefined);
});

test('zooming halves and doubles the window, within all there is', () => {
  assert.deepEqual(zoomed([1, 21], [1, 21], 0.5), [6, 16]);
  assert.deepEqual(zoomed([1, 21], [1, 21], 0.5, 1), [1, 11]);
  assert.deepEqual(zoomed([1, 21], [1, 21], 0.5, 21), [11, 21]);
  assert.deepEqual(zoomed([6, 7], [1, 21], 0.5), [6, 7]);
  assert.deepEqual(zoomed([1, 6], [1, 21], 2), [1, 11]);
  assert.equal(zoomed([1, 11], [1, 21], 2), null);
});

test('the window follows what is read', () => {
  assert.deepEqual(shiftedTo(7, [2, 5], [1, 20]), [4, 7]);
  assert.deepEqual(shiftedTo(1, [2, 5], [1, 20]), [1, 4]);
  assert.deepEqual(shiftedTo(3, [2, 5], [1, 20]), [2, 5]);
});

test('dragging marks out whole epochs, in either direction, at least one wide', () => {
  assert.deepEqual(dragged(2.2, 6.8, [1, 20]), [2, 7]);
  assert.deepEqual(dragged(6.8, 2.2, [1, 20]), [2, 7]);
  assert.deepEqual(dragged(4.9, 5.1, [1, 20]), [5, 6]);
  assert.deepEqual(dragged(19.9, 20, [1, 20]), [19, 20]);
  assert.equal(dragged(-5, 50, [1, 20]), null);
});

test('a path needs two points', () => {
  const same = (value: number) => value;
  assert.equal(pathOf(CURVE, same, same), 'M1 4L3 2L5 0');
  assert.equal(pathOf(CURVE.slice(0, 1), same, same), '');
});
