import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import {
  MAX_DRAWN,
  RunComparison,
  candidatesOf
} from '../../src/chart/runComparison';
import { parseGame, type IGame } from '../../src/messages/gameState';
import {
  parseMessage,
  type CurvesRequest,
  type ICurvesMessage
} from '../../src/messages/messageSchema';
import { gameOf, numbersOf, underWayOf } from '../messageSamples';

let requested: number[];
let changes: number;
let comparison: RunComparison;

beforeEach(() => {
  requested = [];
  changes = 0;
  comparison = new RunComparison(
    ({ run }: CurvesRequest) => requested.push(run),
    () => changes++
  );
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
});

const game = (fields: Record<string, unknown> = {}) =>
  parseGame(gameOf(fields)) as IGame;
const withRuns = (...fields: Record<string, unknown>[]) =>
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
  const message = { version: 5, type: 'curves', pack: 'digits', team, run };
  comparison.receive(
    parseMessage({ ...message, ...numbersOf() }) as ICurvesMessage
  );
}

test('a run can be drawn if the kernel can give its numbers', () => {
  assert.deepEqual(
    candidatesOf(game()).map(({ name, unavailable }) => [name, unavailable]),
    [
      ['run 1: model', ''],
      ['run 2: net', 'its numbers were not kept'],
      ['run 3: model', '']
    ]
  );
});

test('the run under way is drawn by default, else the newest that can be', () => {
  comparison.update(game());
  assert.deepEqual(drawn(), [3]);
  comparison.update(withRuns({ run: 3 }, { run: 4, curve: [] }));
  assert.deepEqual(drawn(), [4]);
  comparison.update(game({ under_way: [] }));
  assert.deepEqual(drawn(), [1]);
  comparison.update(null);
  assert.deepEqual(drawn(), []);
});

test('selected runs keep their colours, and deselected runs are left out', () => {
  comparison.update(game());
  comparison.select(1, true);
  assert.deepEqual(drawn(), [1, 3]);
  assert.deepEqual([comparison.slot(1), comparison.slot(3)], [1, 0]);
  comparison.select(3, false);
  assert.deepEqual(drawn(), [1]);
  assert.equal(comparison.slot(1), 1);
  comparison.select(3, true);
  assert.equal(comparison.slot(3), 0);
  comparison.select(2, true);
  assert.deepEqual(drawn(), [1, 3]);
  assert.equal(changes, 4);
});

test('no more runs are drawn than there are colours', () => {
  comparison.update(runs(MAX_DRAWN + 2));
  for (let run = 1; run <= MAX_DRAWN + 1; run++) {
    comparison.select(run, true);
  }
  assert.equal(drawn().length, MAX_DRAWN);
  assert.equal(new Set(comparison.drawn.map(({ slot }) => slot)).size, 6);
  assert.equal(comparison.hasRoom, false);
});

test('numbers are requested once for as long as nothing has changed', () => {
  comparison.update(game());
  comparison.select(1, true);
  assert.deepEqual(requested, []);
  comparison.requestNumbers();
  comparison.requestNumbers();
  assert.deepEqual(requested, [1, 3]);
  answer(1);
  answer(3);
  mock.timers.tick(5000);
  comparison.requestNumbers();
  assert.deepEqual(requested, [1, 3]);
});

test('numbers of a run under way are requested again, after a second at the earliest', () => {
  const at = (epoch: number, more = {}) =>
    comparison.update(withRuns({ curve: [[epoch, 0.5]], ...more }));
  at(1);
  comparison.requestNumbers();
  answer(3);
  at(2);
  comparison.requestNumbers();
  at(3);
  comparison.requestNumbers();
  assert.deepEqual(requested, [3]);
  const before = changes;
  mock.timers.tick(999);
  assert.equal(changes, before);
  mock.timers.tick(1);
  assert.equal(changes, before + 1); // the chart requests them when it is rendered
  comparison.requestNumbers();
  assert.deepEqual(requested, [3, 3]);
  answer(3);
  mock.timers.tick(1000);
  at(3, { edits: 1 });
  comparison.requestNumbers();
  answer(3);
  mock.timers.tick(1000);
  at(3, { edits: 1, finished: true });
  comparison.requestNumbers();
  assert.equal(requested.length, 4);
});

test('no second request is sent while the first has no answer', () => {
  comparison.update(withRuns({ curve: [[1, 0.5]] }));
  comparison.requestNumbers();
  mock.timers.tick(5000);
  comparison.update(withRuns({ curve: [[9, 0.5]] }));
  comparison.requestNumbers();
  assert.deepEqual(requested, [3]);
});

test('no numbers are requested for a run without an epoch', () => {
  comparison.update(withRuns({ curve: [] }));
  comparison.requestNumbers();
  assert.deepEqual(requested, []);
});

test('an answer without a request is refused and changes nothing', () => {
  comparison.update(game());
  assert.throws(() => answer(3), /nobody asked for run 3/);
  comparison.requestNumbers();
  assert.throws(() => answer(1), /nobody asked for run 1/);
  assert.throws(() => answer(3, 'blue'), /nobody asked/);
  const edits = () => comparison.drawn.map(run => run.numbers?.edits.length);
  assert.deepEqual(edits(), [undefined]);
  answer(3);
  assert.deepEqual(edits(), [1]);
  assert.throws(() => answer(3), /nobody asked/);
});

test('numbers are lost with the connection, the selection is not', () => {
  comparison.update(game());
  comparison.select(1, true);
  comparison.requestNumbers();
  answer(1);
  comparison.update(null);
  comparison.update(game());
  assert.deepEqual(drawn(), [1, 3]);
  assert.equal(comparison.drawn[0]?.numbers, null);
  comparison.requestNumbers();
  assert.deepEqual(requested, [1, 3, 1, 3]);
});

test('runs of another team are different runs', () => {
  comparison.update(game());
  comparison.select(1, true);
  comparison.requestNumbers();
  answer(1);
  comparison.update(game({ team: 'blue' }));
  assert.deepEqual(drawn(), [3]);
  assert.throws(() => answer(3), /nobody asked/);
});
