import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { RunComparison } from '../../src/chart/runComparison';
import { parseGame } from '../../src/messages/gameState';
import { GameView } from '../../src/panel/gameView';
import { gameOf, underWayOf } from '../messageSamples';

function shown(data: unknown): string {
  const game = parseGame(data);
  const comparison = new RunComparison(
    () => undefined,
    () => undefined
  );
  comparison.update(game);
  const actions = {
    controlRun: () => undefined,
    insertRecipe: () => undefined,
    startGame: () => undefined
  };
  const startCode = '%classgame start';
  return renderToStaticMarkup(
    React.createElement(GameView, { game, comparison, startCode, actions })
  );
}

test('without a game the panel says how to begin one', () => {
  assert.match(shown(null), /Start a game here.*%classgame start/);
});

test('wallet, items, runs and verdict are shown', () => {
  const html = shown(gameOf());
  for (const part of [
    /70 B NN<\/strong> left of 100 B NN/,
    /role="meter"[^>]*aria-valuenow="70"/,
    /aria-label="Insert recipe: Flip trick"/,
    /Turbo.* × 2.*· used/,
    /run 1: model.*>3 epochs<.*0\.9130/,
    /run 2: net.*1 epoch · stopped by hand · not ranked/,
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
  assert.match(html, /0\.2500<div class="jp-Classgame-quiet">last</);
  const trained = shown(
    gameOf({ under_way: [underWayOf({ validated: false })] })
  );
  assert.match(trained, />last, in training</);
  assert.match(paused, /aria-label="Resume: run 3: model"/);
});

test('a run names what is owned and not in use', () => {
  const line = 'Neural turbo boost: owned, not in use';
  const html = shown(gameOf({ under_way: [underWayOf({ unused: [line] })] }));
  assert.match(
    html,
    /<p class="jp-Classgame-unused">Neural turbo boost: owned/
  );
});

test('the buttons of a stopping run are disabled, and a finished run has none', () => {
  const stopping = gameOf({ under_way: [underWayOf({ stopping: true })] });
  assert.match(
    shown(stopping),
    /Pause: run 3: model" disabled="".*Stopping: run 3: model" disabled=""/
  );
  const finished = gameOf({
    under_way: [underWayOf({ finished: true, note: '10 epochs done' })]
  });
  assert.doesNotMatch(shown(finished), /progressbar|Stop:/);
  assert.match(shown(finished), /10 epochs done/);
});

test('a run that failed is told of in red, and once', () => {
  const note = 'the loss was not finite in batch 3; try less';
  const [first] = gameOf().runs;
  const runs = [{ ...first, run: 3, ended: 'nan' }];
  const listed = shown(gameOf({ runs, under_way: [] }));
  const red = /class="jp-Classgame-failed">[^<]*the loss was not finite/g;
  assert.equal(listed.match(red)?.length, 1);
  const run = underWayOf({ finished: true, ended: 'nan', note });
  const both = shown(gameOf({ runs, under_way: [run] }));
  assert.equal(both.match(red)?.length, 1);
  assert.equal(both.match(/not finite/g)?.length, 1);
  assert.match(both, /failed/);
});

test('a rank that is lost is told of in red, beside how the run ended', () => {
  const lost_rank = 'not ranked: the rate was changed 3 times by hand';
  const ended = { finished: true, note: '10 epochs done', lost_rank };
  const html = shown(gameOf({ under_way: [underWayOf(ended)] }));
  assert.match(html, /class="jp-Classgame-quiet">10 epochs done/);
  assert.match(html, /class="jp-Classgame-failed">not ranked: the rate/);
});

test('all runs are counted, and a few listed until more are asked for', () => {
  const [first] = gameOf().runs;
  const runs = Array.from({ length: 30 }, (_, run) => ({ ...first, run }));
  const html = shown(gameOf({ runs, run_count: 543, under_way: [] }));
  assert.match(html, /Runs, best first.*543/);
  assert.match(html, /All 30 runs/);
  assert.equal(
    html.match(/type="checkbox" aria-label="Chart run/g)?.length,
    12
  );
});

test('in practice there is no wallet', () => {
  const html = shown(gameOf({ practice: true, owned: [] }));
  assert.match(html, /Practice: everything may be used/);
  assert.doesNotMatch(html, /B NN|role="meter"/);
});

test('names are escaped', () => {
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

test('a run has a checkbox for the chart, disabled without numbers', () => {
  const html = shown(gameOf());
  assert.match(html, /aria-label="Chart run 3: model" checked=""/);
  assert.match(html, /aria-label="Chart run 1: model"\/>/);
  assert.match(
    html,
    /title="Not in the chart: its numbers were not kept"><input[^>]*aria-label="Chart run 2: net \(its numbers[^>]*disabled=""/
  );
});

test('a finished run that is listed has one checkbox', () => {
  const html = shown(
    gameOf({
      under_way: [underWayOf({ run: 1, label: 'run 1: model', finished: true })]
    })
  );
  assert.equal(html.match(/aria-label="Chart run 1: model"/g)?.length, 1);
});

test('the metric is chosen by radio buttons of one group', () => {
  const html = shown(gameOf());
  const group = html.match(/role="radiogroup".*?<\/div>/)?.[0] ?? '';
  assert.match(group, /aria-label="What the chart shows"/);
  const names = [...group.matchAll(/type="radio" name="([^"]+)"/g)];
  assert.equal(names.length, 3);
  assert.equal(new Set(names.map(([, name]) => name)).size, 1);
  assert.match(html, /aria-expanded="true"[^>]*>.*?Chart<\/button>/);
});

test('before the first run there is no chart', () => {
  assert.doesNotMatch(shown(gameOf({ under_way: [], runs: [] })), /radiogroup/);
});
