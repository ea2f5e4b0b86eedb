import { StringStream } from '@codemirror/language';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { orderToken } from '../../src/shop/orderHighlighting';

/** Return the tokens of a line with their tags. */
function tokens(line: string): [string, string][] {
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

test('the parts of an order have different tags', () => {
  assert.deepEqual(tokens('%%shop'), [['%%shop', 'meta']]);
  assert.deepEqual(tokens('  buy turbo x 2, Flip trick  # why'), [
    ['buy', 'keyword'],
    ['turbo', 'string'],
    ['x 2', 'number'],
    [',', 'punctuation'],
    ['Flip', 'string'],
    ['trick', 'string'],
    ['# why', 'comment']
  ]);
});

test('a keyword is recognised only at the beginning of a line, and a count only with its number', () => {
  assert.deepEqual(tokens('Return'), [['Return', 'keyword']]);
  assert.deepEqual(tokens('buy-back buy'), [
    ['buy-back', 'string'],
    ['buy', 'string']
  ]);
  assert.deepEqual(tokens('x ray'), [
    ['x', 'string'],
    ['ray', 'string']
  ]);
});
