import { StringStream } from '@codemirror/language';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOrder, orderExtractor } from '../src/order';
import { orderToken } from '../src/shopcell';

/** The pieces of a line with their kinds. */
function pieces(line: string): [string, string][] {
  const stream = new StringStream(line, 4, 2);
  const found: [string, string][] = [];
  while (!stream.eol()) {
    stream.start = stream.pos;
    const kind = orderToken(stream);
    assert.ok(stream.pos > stream.start, `${line}: stuck at ${stream.pos}`);
    if (kind) {
      found.push([stream.current(), kind]);
    }
  }
  return found;
}

test('an order begins with %%shop, maybe below blank lines', () => {
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

test('the parts of an order are told apart', () => {
  assert.deepEqual(pieces('%%shop'), [['%%shop', 'meta']]);
  assert.deepEqual(pieces('  buy turbo x 2, Flip trick  # why'), [
    ['buy', 'keyword'],
    ['turbo', 'string'],
    ['x 2', 'number'],
    [',', 'punctuation'],
    ['Flip', 'string'],
    ['trick', 'string'],
    ['# why', 'comment']
  ]);
});

test('a verb is one at the beginning of a line only, and x alone is no count', () => {
  assert.deepEqual(pieces('Return'), [['Return', 'keyword']]);
  assert.deepEqual(pieces('buy-back buy'), [
    ['buy-back', 'string'],
    ['buy', 'string']
  ]);
  assert.deepEqual(pieces('x ray'), [
    ['x', 'string'],
    ['ray', 'string']
  ]);
});

test('a language server sees nothing of an order', () => {
  assert.ok(orderExtractor.hasForeignCode('%%shop\nbuy Flip trick', 'code'));
  const [rest] = orderExtractor.extractForeignCode('%%shop\nbuy Flip trick');
  assert.equal(rest?.hostCode, '');
});
