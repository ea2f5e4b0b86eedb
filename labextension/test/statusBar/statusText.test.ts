import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseGame } from '../../src/messages/gameState';
import { statusText } from '../../src/statusBar/statusText';
import { gameOf, underWayOf } from '../messageSamples';

const status = (changes: Record<string, unknown>) =>
  statusText(parseGame(gameOf(changes))!);

test('the status shows the title, the balance and the current run', () => {
  assert.equal(status({ under_way: [] }), 'Digits · 70 B NN');
  assert.equal(status({}), 'Digits · 70 B NN · epoch 2 of 10');
  assert.equal(
    status({ under_way: [underWayOf({ finished: true })], practice: true }),
    'Digits · practice'
  );
  assert.equal(
    status({ under_way: [underWayOf({ paused: true })] }),
    'Digits · 70 B NN · epoch 2 of 10 · paused'
  );
});

test('a right-to-left title leaves the numbers beside it in place', () => {
  const title = '\u05d7\u05e8\u05e7\u05d9\u05dd';
  const game = parseGame(gameOf({ title, under_way: [] }));
  assert.ok(game);
  assert.equal(statusText(game), `\u2068${title}\u2069 · 70 B NN`);
});
