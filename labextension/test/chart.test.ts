import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { ChartLegend, spoken } from '../src/chartlegend';
import { layoutOf } from '../src/chartlines';
import { ChartPlot } from '../src/chartplot';
import { MEASURES, drawingsOf, type MeasureName } from '../src/measure';
import { parseNumbers } from '../src/numbers';
import { Reader } from '../src/reader';
import { numbersOf } from './games';

const drawn = (
  changes: Record<string, unknown> = {},
  name = 'run 3: model'
) => [
  {
    run: 3,
    name,
    slot: 2,
    numbers: parseNumbers(new Reader(numbersOf(changes), 'told'))
  }
];
const curves = (changes: Record<string, unknown>) => ({
  curves: { ...numbersOf().curves, ...changes }
});

function plot(
  runs: Parameters<typeof drawingsOf>[0],
  name: MeasureName = 'acc',
  log = false
): string {
  const measure = MEASURES[name];
  const props = { measure, log, ...drawingsOf(runs, measure, log) };
  return renderToStaticMarkup(
    React.createElement(ChartPlot, { ...props, children: null })
  );
}

test('a run has a thick curve of validation and a thin one of training', () => {
  const html = plot(drawn());
  assert.match(
    html,
    /class="jp-mod-slot2" data-run="3"><g data-curve="validation"><path class="jp-Classgame-drawn " d="M44 [\d. ]+L252 [\d. ]+"/
  );
  assert.match(html, /data-curve="training"><path[^>]*jp-mod-thin/);
  assert.match(html, /aria-label="Accuracy by epoch: run 3: model\./);
});

test('the learning rate is one curve, and one that does not change is in the middle', () => {
  const html = plot(
    drawn(
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

test('the legend has the last values, or those of an epoch', () => {
  const legend = (epoch: number | null) => {
    const { drawings } = drawingsOf(drawn(), MEASURES.loss, false);
    return renderToStaticMarkup(
      React.createElement(ChartLegend, {
        drawings,
        measure: MEASURES.loss,
        epoch
      })
    );
  };
  assert.match(legend(null), /last epoch.*<td>1\.5<\/td><td>1<\/td>/);
  assert.match(legend(1), /epoch 1<.*<td>2\.5<\/td><td>2<\/td>/);
  assert.match(legend(9), /epoch 9<.*<td>–<\/td><td>–<\/td>/);
  assert.match(legend(1), /jp-Classgame-drawn jp-mod-slot2/);
});

test('values are said in a sentence, as they are shown', () => {
  const { drawings } = drawingsOf(drawn(), MEASURES.acc, false);
  assert.equal(
    spoken(drawings, MEASURES.acc, 2),
    'Epoch 2; run 3: model: validation 50.0 %, training 60.0 %'
  );
  assert.equal(
    spoken(drawings, MEASURES.acc, 7),
    'Epoch 7; run 3: model: no value'
  );
});

test('a logarithmic axis leaves out what is not above zero, and says so', () => {
  const zero = [
    [1, 0.1],
    [2, 0]
  ];
  const html = plot(drawn(curves({ lr: zero })), 'lr', true);
  assert.match(html, /1 value not above 0 left out/);
  assert.doesNotMatch(plot(drawn(curves({ lr: zero })), 'lr'), /left out/);
  const none = plot(drawn(curves({ lr: [[1, -1]] })), 'lr', true);
  assert.match(none, /No value is above 0/);
});

test('an edit by hand is marked on the curve', () => {
  const html = plot(drawn());
  assert.match(
    html,
    /translate\(148 [\d.]+\)" role="img" aria-label="Edit by hand: run 3: model, after 1\.5 epochs: lr 0\.1 → 0\.01"/
  );
  const before = plot(drawn({ edits: [[0.5, 'early']] }));
  assert.match(before, /translate\(96 [\d.]+\)"[^>]*after 0\.5 epochs: early/);
});

test('a single epoch is a dot in the middle', () => {
  const one = { val_acc: [[1, 0.5]], train_acc: [] };
  const html = plot(drawn({ ...curves(one), edits: [] }));
  assert.match(html, /<circle cx="148" cy="79" r="3"/);
});

test('without a number the chart says why', () => {
  assert.match(plot([]), /Tick a run to draw it/);
  const waiting = [{ run: 4, name: 'run 4', slot: 0, numbers: null }];
  assert.match(plot(waiting), /No epoch is over yet/);
});

test('the values are fitted to what is in the window', () => {
  const size = { width: 260, height: 170 };
  const { drawings } = drawingsOf(drawn(), MEASURES.loss, false);
  const all = layoutOf(drawings, MEASURES.loss, false, [1, 2], size);
  const end = layoutOf(drawings, MEASURES.loss, false, [2, 2], size);
  assert.ok(all.values[1] > 2.5 && end.values[1] < 1.6);
  assert.equal(all.epochAt(all.x(1.5)), 1.5);
  assert.equal(all.epochAt(-100), 1);
});

test('names and edits are text, whatever they hold', () => {
  const name = '<img src=x onerror="alert(1)">\u202Eشبكة';
  const html = plot(drawn({ edits: [[1.5, name]] }, name));
  assert.doesNotMatch(html, /<img/);
  assert.ok(html.split('&lt;img src=x onerror=').length > 4);
});
