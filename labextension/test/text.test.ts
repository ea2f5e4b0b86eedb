import assert from 'node:assert/strict';
import { test } from 'node:test';

import { curvePath } from '../src/curve';
import { parseGame } from '../src/game';
import { amount, endingText, goingRun, percent, statusText } from '../src/text';
import { gameOf, underWayOf } from './games';

const status = (changes: Record<string, unknown>) =>
  statusText(parseGame(gameOf(changes))!);

test('the status names the pack, the balance and the run that goes on', () => {
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

test('of several runs the newest that is not over is the one', () => {
  const runs = [1, 2, 3].map(run => underWayOf({ run, finished: run === 3 }));
  assert.equal(goingRun(parseGame(gameOf({ under_way: runs }))!)?.run, 2);
});

test('how a run ended is said in words, unless it is by its last epoch', () => {
  const text = (ended: string) =>
    endingText({ ...parseGame(gameOf())!.runs[0]!, ended });
  assert.equal(text('epochs'), '');
  assert.equal(text('patience'), 'stopped early');
  assert.equal(text('nan'), 'the loss was not finite');
  assert.equal(text('constructor'), 'constructor');
});

test('numbers are written as people do', () => {
  assert.equal(amount(0.1 + 0.2), '0.3 B NN');
  assert.equal(amount(1234), '1,234 B NN');
  assert.equal(percent(0.91349), '91.3 %');
});

test('a curve fills its box from its first epoch to its last', () => {
  const path = curvePath(
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

test('a curve leaves room for the epochs to come, and noise is not magnified', () => {
  assert.equal(
    curvePath(
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
  assert.equal(curvePath([[1, 0.5]], 60, 30), 'M0 0h0');
  assert.equal(curvePath([], 60, 30), '');
});

test('a title from right to left leaves the numbers beside it where they are', () => {
  const title = '\u05d7\u05e8\u05e7\u05d9\u05dd';
  const game = parseGame(gameOf({ title, under_way: [] }));
  assert.ok(game);
  assert.equal(statusText(game), `\u2068${title}\u2069 · 70 B NN`);
});
