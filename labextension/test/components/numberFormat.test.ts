import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  formatAmount,
  formatLoss,
  formatScore
} from '../../src/components/numberFormat';

test('amounts, scores and losses are rounded', () => {
  assert.equal(formatAmount(0.1 + 0.2), '0.3 B NN');
  assert.equal(formatAmount(1234), '1,234 B NN');
  assert.equal(formatScore(0.91349), '0.9135');
  assert.equal(formatScore(0.9), '0.9000');
  assert.equal(formatLoss(1.5), '1.5000');
  assert.equal(formatLoss(0), '0.0000');
  assert.equal(formatLoss(0.00001234), '1.23e-5');
});
