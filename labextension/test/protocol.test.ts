import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  MAX_CODE_BYTES,
  VERSION,
  control,
  curves,
  parseMessage,
  recipe
} from '../src/protocol';
import { gameOf, numbersOf } from './games';

test('a cell to insert keeps its code as it is', () => {
  const code = 'x = "naïve"\n\tprint(x)\n';
  assert.deepEqual(
    parseMessage({ version: VERSION, type: 'insert-cell', id: 1, code }),
    { version: VERSION, type: 'insert-cell', id: 1, code }
  );
});

test('fields that a later version may add are dropped', () => {
  const cell = { version: VERSION, type: 'insert-cell', id: 1, code: 'x = 1' };
  const ping = { version: VERSION, type: 'ping' };
  for (const message of [cell, ping]) {
    assert.deepEqual(parseMessage({ ...message, team: 'red' }), message);
  }
});

test('code may be as long as the limit, counted in bytes', () => {
  const message = (code: string) => ({
    version: VERSION,
    type: 'insert-cell',
    id: 1,
    code
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
  ['a string', 'insert-cell', /not an object/],
  ['a list', [{ version: VERSION, type: 'insert-cell' }], /not an object/],
  ['no version', { type: 'insert-cell' }, /version undefined is not 3/],
  ['a version in words', { version: '2', type: 'insert-cell' }, /version "2"/],
  [
    'an earlier version',
    { version: 2, type: 'insert-cell' },
    /version 2 is not 3/
  ],
  ['no type', { version: VERSION }, /type undefined is unknown/],
  ['another type', { version: VERSION, type: 'buy' }, /type "buy" is unknown/],
  [
    'no code',
    { version: VERSION, type: 'insert-cell' },
    /code to insert is not a string/
  ],
  [
    'code in a list',
    { version: VERSION, type: 'insert-cell', code: ['x = 1'] },
    /code to insert is not a string/
  ],
  [
    'a cell without a number',
    { version: VERSION, type: 'insert-cell', code: 'x = 1' },
    /id is not a number/
  ],
  [
    'a cell with half a number',
    { version: VERSION, type: 'insert-cell', code: 'x = 1', id: 1.5 },
    /id is not a whole number/
  ],
  ['half a state', { version: VERSION, type: 'state' }, /game is not an object/]
];

for (const [what, data, reason] of refused) {
  test(`${what} is refused with the reason`, () => {
    assert.throws(() => parseMessage(data), reason);
  });
}

test('a refusal quotes no more than a little of what came', () => {
  const type = 'x'.repeat(100_000);
  assert.throws(
    () => parseMessage({ version: VERSION, type }),
    (error: Error) => error.message.length < 200
  );
});

test('a state is taken, with a game and without', () => {
  for (const game of [gameOf(), null]) {
    const message = { version: VERSION, type: 'state', game };
    assert.deepEqual(parseMessage(message), message);
  }
});

test('requests name the pack and the team, and nothing else of the game', () => {
  const address = { version: VERSION, pack: 'digits', team: 'red' };
  assert.deepEqual(control(gameOf(), 3, 'stop'), {
    ...address,
    type: 'control',
    run: 3,
    action: 'stop'
  });
  assert.deepEqual(recipe(gameOf(), 'flip-trick'), {
    ...address,
    type: 'recipe',
    slug: 'flip-trick'
  });
  assert.deepEqual(curves(gameOf(), 3), {
    ...address,
    type: 'curves',
    run: 3
  });
});

const answer = (changes: Record<string, unknown> = {}) => ({
  ...{ version: VERSION, type: 'curves', pack: 'digits', team: 'red', run: 3 },
  ...numbersOf(changes)
});
const withCurve = (name: string, curve: unknown) =>
  answer({ curves: { ...numbersOf().curves, [name]: curve } });

test('numbers are taken as they are, and what a later version may add is dropped', () => {
  assert.deepEqual(parseMessage(answer()), answer());
  assert.deepEqual(parseMessage(withCurve('html', '<b>')), answer());
  const longest = Array.from({ length: 120 }, (_, index) => [index + 1, 1]);
  parseMessage(withCurve('val_loss', longest));
  parseMessage(withCurve('val_acc', []));
});

const refusedNumbers: [string, unknown, RegExp][] = [
  ['no curves', answer({ curves: undefined }), /curves is not an object/],
  ['curves in a list', answer({ curves: [] }), /curves is not an object/],
  ['no learning rates', withCurve('lr', undefined), /lr is not a list/],
  [
    'a long curve',
    withCurve('lr', Array(121).fill([1, 1])),
    /lr is not a list of at most 120/
  ],
  ['a number that is none', withCurve('lr', [[1, NaN]]), /pairs of numbers/],
  ['a gap', withCurve('lr', [[1, null]]), /pairs of numbers/],
  ['half an epoch', withCurve('lr', [[1.5, 1]]), /order of whole epochs/],
  ['epoch 0', withCurve('lr', [[0, 1]]), /order of whole epochs/],
  [
    'one epoch twice',
    withCurve('lr', [
      [2, 1],
      [2, 1]
    ]),
    /order of whole epochs/
  ],
  ['more than all right', withCurve('val_acc', [[1, 1.1]]), /accuracy from 0/],
  ['no edits', answer({ edits: undefined }), /edits is not a list/],
  ['an edit of nothing', answer({ edits: [[1]] }), /number and a text/],
  [
    'a long edit',
    answer({ edits: [[1, 'x'.repeat(401)]] }),
    /number and a text/
  ],
  [
    'many edits',
    answer({ edits: Array(21).fill([1, 'x']) }),
    /edits is not a list of at most 20/
  ],
  ['an edit too early', answer({ edits: [[-1, 'x']] }), /before the first/],
  ['a run in words', { ...answer(), run: '3' }, /run is not a number/],
  ['no team', { ...answer(), team: undefined }, /team is not a text/]
];

for (const [what, data, reason] of refusedNumbers) {
  test(`numbers with ${what} are refused with the reason`, () => {
    assert.throws(() => parseMessage(data), reason);
  });
}
