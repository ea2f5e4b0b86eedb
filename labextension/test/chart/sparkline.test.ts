import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sparklinePath } from '../../src/chart/sparkline';

test('a sparkline fills its box from the first epoch to the last', () => {
  const path = sparklinePath(
    [
      [1, 0.2],
      [2, 0.8],
      [3, 0.4]
    ],
    60,
    30
  );
  assert.equal(path, 'M0 30L30 0L60 20');
});

test('a sparkline leaves room for the epochs to come, and does not magnify noise', () => {
  assert.equal(
    sparklinePath(
      [
        [1, 0.5],
        [2, 0.51]
      ],
      60,
      30,
      4
    ),
    'M0 3L20 0'
  );
  assert.equal(sparklinePath([[1, 0.5]], 60, 30, 4), 'M0 15h0.01');
  assert.equal(sparklinePath([[1, 0.5]], 60, 30), 'M30 15h0.01');
  assert.equal(sparklinePath([], 60, 30), '');
});
