import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  MAX_CODE_BYTES,
  VERSION,
  controlRequest,
  baselineRequest,
  curvesRequest,
  parseMessage,
  recipeRequest
} from '../../src/messages/messageSchema';
import { gameOf } from '../messageSamples';

test('the code of cells to insert is unchanged', () => {
  const code = 'x = "naïve"\n\tprint(x)\n';
  const cells = [code, '%train'];
  assert.deepEqual(
    parseMessage({ version: VERSION, type: 'insert-cells', id: 1, cells }),
    { version: VERSION, type: 'insert-cells', id: 1, cells }
  );
});

test('unknown fields, which a later version may add, are dropped', () => {
  const cell = { version: VERSION, type: 'insert-cells', id: 1, cells: ['x'] };
  const ping = { version: VERSION, type: 'ping' };
  for (const message of [cell, ping]) {
    assert.deepEqual(parseMessage({ ...message, team: 'red' }), message);
  }
});

test('code may be as long as the limit in bytes', () => {
  const message = (code: string) => ({
    version: VERSION,
    type: 'insert-cells',
    id: 1,
    cells: ['', code]
  });
  parseMessage(message('x'.repeat(MAX_CODE_BYTES)));
  parseMessage(message('é'.repeat(MAX_CODE_BYTES / 2)));
  for (const code of [
    'x'.repeat(MAX_CODE_BYTES + 1),
    'é'.repeat(MAX_CODE_BYTES / 2) + 'x'
  ]) {
    assert.throws(() => parseMessage(message(code)), /over 65536 bytes/);
  }
});

const refused: [string, unknown, RegExp][] = [
  ['nothing', undefined, /not an object/],
  ['null', null, /not an object/],
  ['a string', 'insert-cells', /not an object/],
  ['a list', [{ version: VERSION, type: 'insert-cells' }], /not an object/],
  ['no version', { type: 'insert-cells' }, /version undefined is not 5/],
  ['a version in words', { version: '2', type: 'insert-cells' }, /version "2"/],
  [
    'an earlier version',
    { version: 2, type: 'insert-cells' },
    /version 2 is not 5/
  ],
  ['no type', { version: VERSION }, /type undefined is unknown/],
  ['another type', { version: VERSION, type: 'buy' }, /type "buy" is unknown/],
  [
    'no code',
    { version: VERSION, type: 'insert-cells' },
    /code to insert is not a list of strings/
  ],
  [
    'code outside a list',
    { version: VERSION, type: 'insert-cells', cells: 'x = 1' },
    /code to insert is not a list of strings/
  ],
  [
    'a cell without a number',
    { version: VERSION, type: 'insert-cells', cells: ['x = 1'] },
    /id is not a number/
  ],
  [
    'a cell with half a number',
    { version: VERSION, type: 'insert-cells', cells: ['x = 1'], id: 1.5 },
    /id is not a whole number/
  ],
  ['half a state', { version: VERSION, type: 'state' }, /game is not an object/]
];

for (const [what, data, reason] of refused) {
  test(`${what} is refused with the reason`, () => {
    assert.throws(() => parseMessage(data), reason);
  });
}

test('an error quotes only the beginning of a long value', () => {
  const type = 'x'.repeat(100_000);
  assert.throws(
    () => parseMessage({ version: VERSION, type }),
    (error: Error) => error.message.length < 200
  );
});

test('a state is accepted, with a game and without', () => {
  for (const game of [gameOf(), null]) {
    const message = { version: VERSION, type: 'state', game };
    assert.deepEqual(parseMessage(message), message);
  }
});

test('a list of no cells is refused', () => {
  const message = { version: VERSION, type: 'insert-cells', id: 1, cells: [] };
  assert.throws(() => parseMessage(message), /not a list of strings/);
});

test('requests contain the pack and the team, and nothing else of the game', () => {
  const address = { version: VERSION, pack: 'digits', team: 'red' };
  assert.deepEqual(controlRequest(gameOf(), 3, 'stop'), {
    ...address,
    type: 'control',
    run: 3,
    action: 'stop'
  });
  assert.deepEqual(recipeRequest(gameOf(), 'flip-trick'), {
    ...address,
    type: 'recipe',
    slug: 'flip-trick'
  });
  assert.deepEqual(baselineRequest(gameOf()), { ...address, type: 'baseline' });
  assert.deepEqual(curvesRequest(gameOf(), 3), {
    ...address,
    type: 'curves',
    run: 3
  });
});
