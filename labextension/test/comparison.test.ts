import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { Comparison, MOST_DRAWN, candidatesOf } from '../src/comparison';
import { parseGame, type IGame } from '../src/game';
import { parseMessage, type Curves, type INumbersTold } from '../src/protocol';
import { gameOf, numbersOf, underWayOf } from './games';

let asked: number[];
let changes: number;
let comparison: Comparison;

beforeEach(() => {
  asked = [];
  changes = 0;
  comparison = new Comparison(
    ({ run }: Curves) => asked.push(run),
    () => changes++
  );
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
});

const game = (fields: Record<string, unknown> = {}) =>
  parseGame(gameOf(fields)) as IGame;
const going = (...fields: Record<string, unknown>[]) =>
  game({ under_way: fields.map(underWayOf) });
const runs = (count: number) =>
  game({
    under_way: [],
    runs: Array.from({ length: count }, (_, index) => ({
      ...gameOf().runs[0],
      run: index + 1
    }))
  });
const drawn = () => comparison.drawn.map(({ run }) => run);

function answer(run: number, team = 'red'): void {
  const told = { version: 3, type: 'curves', pack: 'digits', team, run };
  comparison.take(parseMessage({ ...told, ...numbersOf() }) as INumbersTold);
}

test('runs can be drawn whose numbers are in this kernel', () => {
  assert.deepEqual(
    candidatesOf(game()).map(({ name, hindrance }) => [name, hindrance]),
    [
      ['run 1: model', ''],
      ['run 2: net', 'its numbers are in another kernel'],
      ['run 3: model', '']
    ]
  );
});

test('the run under way is drawn by default, or else the newest that can be', () => {
  comparison.follow(game());
  assert.deepEqual(drawn(), [3]);
  comparison.follow(going({ run: 3 }, { run: 4, curve: [] }));
  assert.deepEqual(drawn(), [4]);
  comparison.follow(game({ under_way: [] }));
  assert.deepEqual(drawn(), [1]);
  comparison.follow(null);
  assert.deepEqual(drawn(), []);
});

test('what is ticked stays, with its colour, and what is not is left out', () => {
  comparison.follow(game());
  comparison.tick(1, true);
  assert.deepEqual(drawn(), [1, 3]);
  assert.deepEqual([comparison.slot(1), comparison.slot(3)], [1, 0]);
  comparison.tick(3, false);
  assert.deepEqual(drawn(), [1]);
  assert.equal(comparison.slot(1), 1);
  comparison.tick(3, true);
  assert.equal(comparison.slot(3), 0);
  comparison.tick(2, true);
  assert.deepEqual(drawn(), [1, 3]);
  assert.equal(changes, 4);
});

test('no more runs are drawn than there are colours', () => {
  comparison.follow(runs(MOST_DRAWN + 2));
  for (let run = 1; run <= MOST_DRAWN + 1; run++) {
    comparison.tick(run, true);
  }
  assert.equal(drawn().length, MOST_DRAWN);
  assert.equal(new Set(comparison.drawn.map(({ slot }) => slot)).size, 6);
  assert.equal(comparison.hasRoom, false);
});

test('numbers are asked for once as long as nothing has changed', () => {
  comparison.follow(game());
  comparison.tick(1, true);
  assert.deepEqual(asked, []);
  comparison.want();
  comparison.want();
  assert.deepEqual(asked, [1, 3]);
  answer(1);
  answer(3);
  mock.timers.tick(5000);
  comparison.want();
  assert.deepEqual(asked, [1, 3]);
});

test('numbers of a run under way are asked for again, a second later at the earliest', () => {
  const at = (epoch: number, more = {}) =>
    comparison.follow(going({ curve: [[epoch, 0.5]], ...more }));
  at(1);
  comparison.want();
  answer(3);
  at(2);
  comparison.want();
  at(3);
  comparison.want();
  assert.deepEqual(asked, [3]);
  const before = changes;
  mock.timers.tick(999);
  assert.equal(changes, before);
  mock.timers.tick(1);
  assert.equal(changes, before + 1); // what is on the page asks
  comparison.want();
  assert.deepEqual(asked, [3, 3]);
  answer(3);
  mock.timers.tick(1000);
  at(3, { edits: 1 });
  comparison.want();
  answer(3);
  mock.timers.tick(1000);
  at(3, { edits: 1, finished: true });
  comparison.want();
  assert.equal(asked.length, 4);
});

test('a kernel that does not answer is not asked again', () => {
  comparison.follow(going({ curve: [[1, 0.5]] }));
  comparison.want();
  mock.timers.tick(5000);
  comparison.follow(going({ curve: [[9, 0.5]] }));
  comparison.want();
  assert.deepEqual(asked, [3]);
});

test('a run without an epoch is not asked for', () => {
  comparison.follow(going({ curve: [] }));
  comparison.want();
  assert.deepEqual(asked, []);
});

test('an answer that nobody asked for is refused and changes nothing', () => {
  comparison.follow(game());
  assert.throws(() => answer(3), /nobody asked for run 3/);
  comparison.want();
  assert.throws(() => answer(1), /nobody asked for run 1/);
  assert.throws(() => answer(3, 'blue'), /nobody asked/);
  const edits = () => comparison.drawn.map(run => run.numbers?.edits.length);
  assert.deepEqual(edits(), [undefined]);
  answer(3);
  assert.deepEqual(edits(), [1]);
  assert.throws(() => answer(3), /nobody asked/);
});

test('a kernel out of reach takes the numbers along, not what is ticked', () => {
  comparison.follow(game());
  comparison.tick(1, true);
  comparison.want();
  answer(1);
  comparison.follow(null);
  comparison.follow(game());
  assert.deepEqual(drawn(), [1, 3]);
  assert.equal(comparison.drawn[0]?.numbers, null);
  comparison.want();
  assert.deepEqual(asked, [1, 3, 1, 3]);
});

test('the runs of another team are others', () => {
  comparison.follow(game());
  comparison.tick(1, true);
  comparison.want();
  answer(1);
  comparison.follow(game({ team: 'blue' }));
  assert.deepEqual(drawn(), [3]);
  assert.throws(() => answer(3), /nobody asked/);
});
