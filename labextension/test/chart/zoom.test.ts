import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dragged, shiftedTo, zoomed } from '../../src/chart/zoom';

test('zooming halves and doubles the window, within the whole', () => {
  assert.deepEqual(zoomed([1, 21], [1, 21], 0.5), [6, 16]);
  assert.deepEqual(zoomed([1, 21], [1, 21], 0.5, 1), [1, 11]);
  assert.deepEqual(zoomed([1, 21], [1, 21], 0.5, 21), [11, 21]);
  assert.deepEqual(zoomed([6, 7], [1, 21], 0.5), [6, 7]);
  assert.deepEqual(zoomed([1, 6], [1, 21], 2), [1, 11]);
  assert.equal(zoomed([1, 11], [1, 21], 2), null);
});

test('the window follows the cursor', () => {
  assert.deepEqual(shiftedTo(7, [2, 5], [1, 20]), [4, 7]);
  assert.deepEqual(shiftedTo(1, [2, 5], [1, 20]), [1, 4]);
  assert.deepEqual(shiftedTo(3, [2, 5], [1, 20]), [2, 5]);
});

test('dragging selects whole epochs, in either direction, at least one wide', () => {
  assert.deepEqual(dragged(2.2, 6.8, [1, 20]), [2, 7]);
  assert.deepEqual(dragged(6.8, 2.2, [1, 20]), [2, 7]);
  assert.deepEqual(dragged(4.9, 5.1, [1, 20]), [5, 6]);
  assert.deepEqual(dragged(19.9, 20, [1, 20]), [19, 20]);
  assert.equal(dragged(-5, 50, [1, 20]), null);
});
