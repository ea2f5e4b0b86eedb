import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  nearest,
  pathOf,
  pointAt,
  positive,
  valueAt,
  within
} from '../../src/chart/curvePoints';
import type { Curve } from '../../src/messages/fieldReader';

const CURVE: Curve = [
  [1, 4],
  [3, 2],
  [5, 0]
];

test('only points above zero are positive', () => {
  assert.deepEqual(positive(CURVE), [
    [1, 4],
    [3, 2]
  ]);
});

test('points within a window are those of its epochs', () => {
  assert.deepEqual(within(CURVE, [2, 3]), [[3, 2]]);
  assert.deepEqual(within(CURVE, [6, 9]), []);
});

test('the nearest number is found, the first of equally near ones', () => {
  assert.equal(nearest([1, 3, 5], 4.2), 5);
  assert.equal(nearest([1, 3, 5], 2), 1);
  assert.equal(nearest([], 2), undefined);
});

test('the point at an epoch is the nearest, and none beyond the ends', () => {
  assert.deepEqual(pointAt(CURVE, 4.4), [5, 0]);
  assert.deepEqual(pointAt(CURVE, 1), [1, 4]);
  assert.equal(pointAt(CURVE, 5.1), undefined);
  assert.equal(pointAt(CURVE, 0.9), undefined);
  assert.equal(pointAt([], 1), undefined);
});

test('a curve is interpolated between its points, and level beyond its ends', () => {
  assert.deepEqual(
    [0, 1, 1.5, 3, 4, 9].map(epoch => valueAt(CURVE, epoch)),
    [4, 4, 3.5, 2, 1, 0]
  );
  assert.equal(valueAt([], 1), undefined);
});

test('a path needs two points', () => {
  const same = (value: number) => value;
  assert.equal(pathOf(CURVE, same, same), 'M1 4L3 2L5 0');
  assert.equal(pathOf(CURVE.slice(0, 1), same, same), '');
});
