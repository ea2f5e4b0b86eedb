import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatAmount, formatPercent } from '../../src/components/numberFormat';

test('amounts and percentages are rounded', () => {
  assert.equal(formatAmount(0.1 + 0.2), '0.3 B NN');
  assert.equal(formatAmount(1234), '1,234 B NN');
  assert.equal(formatPercent(0.91349), '91.3 %');
});
