import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERSION, parseMessage } from '../../src/messages/messageSchema';
import { numbersOf } from '../messageSamples';

const answer = (changes: Record<string, unknown> = {}) => ({
  ...{ version: VERSION, type: 'curves', pack: 'digits', team: 'red', run: 3 },
  ...numbersOf(changes)
});
const withCurve = (name: string, curve: unknown) =>
  answer({ curves: { ...numbersOf().curves, [name]: curve } });

test('valid numbers are accepted unchanged, and unknown curves are dropped', () => {
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
    withCurve('lr', Array(201).fill([1, 1])),
    /lr is not a list of at most 200/
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
