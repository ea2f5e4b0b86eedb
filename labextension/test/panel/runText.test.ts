import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseGame } from '../../src/messages/gameState';
import { endingText } from '../../src/panel/runText';
import { gameOf } from '../messageSamples';

test('the ending of a run is described unless it completed its last epoch', () => {
  const text = (ended: string) =>
    endingText({ ...parseGame(gameOf())!.runs[0]!, ended });
  assert.equal(text('epochs'), '');
  assert.equal(text('patience'), 'stopped early');
  assert.equal(text('nan'), 'the loss was not finite');
  assert.equal(text('constructor'), 'constructor');
});
