import assert from 'node:assert/strict';
import { test } from 'node:test';

import { currentRun, parseGame } from '../../src/messages/gameState';
import { gameOf, underWayOf } from '../messageSamples';

test('a valid game is accepted unchanged, and null too', () => {
  assert.deepEqual(parseGame(gameOf()), gameOf());
  assert.equal(parseGame(null), null);
  assert.deepEqual(
    parseGame(gameOf({ verdict: null, owned: [], under_way: [], runs: [] }))
      ?.runs,
    []
  );
});

test('unknown fields, which a later version may add, are dropped at every depth', () => {
  const owned = gameOf().owned.map(item => ({ ...item, html: '<b>' }));
  assert.deepEqual(parseGame(gameOf({ owned, more: 1 })), gameOf());
});

const refused: [string, unknown, RegExp][] = [
  ['nothing', undefined, /game is not an object/],
  ['a list', [], /game is not an object/],
  ['no team', gameOf({ team: undefined }), /game.team is not a text/],
  ['a long title', gameOf({ title: 'x'.repeat(401) }), /game.title/],
  ['a balance in words', gameOf({ balance: '70' }), /game.balance/],
  ['an endless balance', gameOf({ balance: Infinity }), /game.balance/],
  ['owned as an object', gameOf({ owned: {} }), /game.owned is not a list/],
  [
    'too many items',
    gameOf({ owned: Array(65).fill(gameOf().owned[0]) }),
    /game.owned is not a list of at most 64/
  ],
  [
    'half an item',
    gameOf({ owned: [{ slug: 'a', name: 'A', count: 1.5, used: false }] }),
    /game.owned\[0\].count/
  ],
  [
    'a run without a number',
    gameOf({ under_way: [underWayOf({ run: -1 })] }),
    /game.under_way\[0\].run/
  ],
  [
    'more than all of a run',
    gameOf({ under_way: [underWayOf({ fraction: 1.01 })] }),
    /game.under_way\[0\].fraction/
  ],
  [
    'a curve of words',
    gameOf({ under_way: [underWayOf({ curve: [['1', 0.5]] })] }),
    /curve is not a list of pairs/
  ],
  [
    'a curve of single numbers',
    gameOf({ under_way: [underWayOf({ curve: [1, 2] })] }),
    /curve is not a list of pairs/
  ],
  [
    'a long curve',
    gameOf({ under_way: [underWayOf({ curve: Array(41).fill([1, 0.5]) })] }),
    /curve is not a list of at most 40/
  ],
  [
    'an unused item that is no text',
    gameOf({ under_way: [underWayOf({ unused: [1] })] }),
    /unused is not a list of texts/
  ],
  [
    'half an edit',
    gameOf({ under_way: [underWayOf({ edits: 0.5 })] }),
    /game.under_way\[0\].edits is not a whole number/
  ],
  [
    'another kind of line',
    gameOf({ verdict: { summary: '', lines: [{ kind: 'x', text: '' }] } }),
    /game.verdict.lines\[0\].kind is not one of error/
  ]
];

for (const [what, data, reason] of refused) {
  test(`${what} is refused with the reason`, () => {
    assert.throws(() => parseGame(data), reason);
  });
}

test('the current run is the newest that has not finished', () => {
  const runs = [1, 2, 3].map(run => underWayOf({ run, finished: run === 3 }));
  assert.equal(currentRun(parseGame(gameOf({ under_way: runs }))!)?.run, 2);
});
