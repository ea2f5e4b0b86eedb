import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOrder, orderExtractor } from '../../src/shop/orderCells';

test('an order starts with %%shop, which blank lines may precede', () => {
  for (const source of ['%%shop', '%%shop\nbuy x', '\n  \n%%shop\n']) {
    assert.ok(isOrder(source), source);
  }
  for (const source of [
    '%shop',
    '%%shopping',
    'x = 1\n%%shop',
    '# %%shop',
    ''
  ]) {
    assert.ok(!isOrder(source), source);
  }
});

test('a language server sees nothing of an order', () => {
  assert.ok(orderExtractor.hasForeignCode('%%shop\nbuy Flip trick', 'code'));
  const [rest] = orderExtractor.extractForeignCode('%%shop\nbuy Flip trick');
  assert.equal(rest?.hostCode, '');
});
