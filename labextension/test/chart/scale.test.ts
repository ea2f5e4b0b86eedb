import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  epochTicksOf,
  logTicksOf,
  scaleOf,
  spanOf,
  ticksOf,
  widened,
  widenedByFactor,
  type Span
} from '../../src/chart/scale';

test('the span of numbers is null if there are none', () => {
  assert.deepEqual(spanOf([3, 1, 2]), [1, 3]);
  assert.equal(spanOf([]), null);
});

test('a span is widened by a margin, to a minimal width, within limits', () => {
  assert.deepEqual(widened([0, 100], 10), [-4, 104]);
  assert.deepEqual(widened([0.5, 0.5], 0.1), [0.45, 0.55]);
  assert.deepEqual(widened([0.98, 1], 0.1, [0, 1]), [0.94, 1]);
  assert.deepEqual(widened([0, 0], 0), [-0.5, 0.5]);
  const [low, high] = widenedByFactor([1, 1]);
  assert.ok(low < 1 && high > 1);
});

test('scales are linear or logarithmic, and may be reversed', () => {
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

test('there are never more ticks than requested', () => {
  for (let high = 0.001; high < 1000; high *= 1.37) {
    for (const most of [2, 3, 5, 9]) {
      const found = ticksOf([0.0003, high], most).length;
      assert.ok(found <= most, `${found} up to ${high}`);
      const log = logTicksOf([0.0003, high], most).length;
      assert.ok(log <= Math.max(most, 1), `${log} up to ${high}`);
    }
  }
});

test('ticks of a logarithmic axis are powers of ten, or numbers between', () => {
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
