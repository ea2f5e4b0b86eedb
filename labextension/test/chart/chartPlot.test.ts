import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import {
  CHART_METRICS,
  drawnRunsOf,
  type MetricName
} from '../../src/chart/chartMetrics';
import { ChartPlot } from '../../src/chart/chartPlot';
import { numbersOf } from '../messageSamples';
import { comparedRuns } from './comparedRuns';

const curves = (changes: Record<string, unknown>) => ({
  curves: { ...numbersOf().curves, ...changes }
});

function plot(
  runs: Parameters<typeof drawnRunsOf>[0],
  name: MetricName = 'acc',
  log = false
): string {
  const metric = CHART_METRICS[name];
  const props = { metric, log, ...drawnRunsOf(runs, metric, log) };
  return renderToStaticMarkup(
    React.createElement(ChartPlot, { ...props, children: null })
  );
}

test('a run has a thick curve of validation and a thin one of training', () => {
  const html = plot(comparedRuns());
  assert.match(
    html,
    /class="jp-mod-slot2" data-run="3"><g data-curve="validation"><path class="jp-Classgame-drawn " d="M44 [\d. ]+L252 [\d. ]+"/
  );
  assert.match(html, /data-curve="training"><path[^>]*jp-mod-thin/);
  assert.match(html, /aria-label="Accuracy by epoch: run 3: model\./);
});

test('the learning rate is a single curve; a constant one is centred', () => {
  const html = plot(
    comparedRuns(
      curves({
        lr: [
          [1, 0.003],
          [2, 0.003]
        ]
      })
    ),
    'lr'
  );
  assert.match(html, /data-curve="learning rate"><path[^>]*d="M44 79L252 79"/);
  assert.doesNotMatch(html, /training/);
});

test('a logarithmic axis leaves out values that are not above zero, and says so', () => {
  const zero = [
    [1, 0.1],
    [2, 0]
  ];
  const html = plot(comparedRuns(curves({ lr: zero })), 'lr', true);
  assert.match(html, /1 value not above 0 left out/);
  assert.doesNotMatch(
    plot(comparedRuns(curves({ lr: zero })), 'lr'),
    /left out/
  );
  const none = plot(comparedRuns(curves({ lr: [[1, -1]] })), 'lr', true);
  assert.match(none, /No value is above 0/);
});

test('an edit by hand is marked on the curve', () => {
  const html = plot(comparedRuns());
  assert.match(
    html,
    /translate\(148 [\d.]+\)" role="img" aria-label="Edit by hand: run 3: model, after 1\.5 epochs: lr 0\.1 → 0\.01"/
  );
  const before = plot(comparedRuns({ edits: [[0.5, 'early']] }));
  assert.match(before, /translate\(96 [\d.]+\)"[^>]*after 0\.5 epochs: early/);
});

test('a single epoch is a dot in the centre', () => {
  const one = { val_acc: [[1, 0.5]], train_acc: [] };
  const html = plot(comparedRuns({ ...curves(one), edits: [] }));
  assert.match(html, /<circle cx="148" cy="79" r="3"/);
});

test('an empty chart says why it is empty', () => {
  assert.match(plot([]), /Tick a run to draw it/);
  const waiting = [{ run: 4, name: 'run 4', slot: 0, numbers: null }];
  assert.match(plot(waiting), /No epoch is over yet/);
});

test('names and edits are escaped', () => {
  const name = '<img src=x onerror="alert(1)">\u202Eشبكة';
  const html = plot(comparedRuns({ edits: [[1.5, name]] }, name));
  assert.doesNotMatch(html, /<img/);
  assert.ok(html.split('&lt;img src=x onerror=').length > 4);
});
