import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { parseGame } from '../src/game';
import { GameView } from '../src/view';
import { gameOf, underWayOf } from './games';

function shown(data: unknown): string {
  const deeds = { steer: () => undefined, insertRecipe: () => undefined };
  return renderToStaticMarkup(
    React.createElement(GameView, { game: parseGame(data), deeds })
  );
}

test('without a game the panel says how one begins', () => {
  assert.match(shown(null), /%classgame new digits/);
});

test('wallet, items, runs and verdict are shown', () => {
  const html = shown(gameOf());
  for (const part of [
    /70 B NN<\/strong> left of 100 B NN/,
    /role="meter"[^>]*aria-valuenow="70"/,
    /aria-label="Insert recipe: Flip trick"/,
    /Turbo.* × 2.*· used/,
    /run 1: model.*3 epochs.*91\.3 %/,
    /run 2: net.*1 epoch · not ranked/,
    /may be ranked.*aria-label="fine"/
  ]) {
    assert.match(html, part);
  }
});

test('a run under way has its progress and its buttons', () => {
  const html = shown(gameOf());
  assert.match(html, /epoch 2 of 10/);
  assert.match(html, /role="progressbar"[^>]*aria-valuenow="15"/);
  assert.match(html, /aria-label="Pause: run 3: model"/);
  assert.match(html, /aria-label="Stop: run 3: model"/);
  const paused = shown(gameOf({ under_way: [underWayOf({ paused: true })] }));
  assert.match(paused, /epoch 2 of 10 · paused/);
  assert.match(paused, /aria-label="Resume: run 3: model"/);
});

test('a run that is stopping takes no more clicks, and one that is over has no buttons', () => {
  const stopping = gameOf({ under_way: [underWayOf({ stopping: true })] });
  assert.equal(shown(stopping).match(/disabled=""/g)?.length, 2);
  const finished = gameOf({
    under_way: [underWayOf({ finished: true, note: '10 epochs done' })]
  });
  assert.doesNotMatch(shown(finished), /progressbar|Stop:/);
  assert.match(shown(finished), /10 epochs done/);
});

test('in practice there is no wallet', () => {
  const html = shown(gameOf({ practice: true, owned: [] }));
  assert.match(html, /Practice: everything may be used/);
  assert.doesNotMatch(html, /B NN|role="meter"/);
});

test('names are text, whatever they hold', () => {
  const name = '<img src=x onerror="alert(1)">\u202E{}&';
  const html = shown(
    gameOf({
      title: name,
      team: name,
      owned: [{ slug: name, name, count: 1, used: false }],
      under_way: [underWayOf({ label: name, note: name })],
      verdict: { summary: name, lines: [{ kind: 'note', text: name }] }
    })
  );
  assert.doesNotMatch(html, /<img/);
  assert.ok(html.split('&lt;img src=x onerror=').length > 6);
});
