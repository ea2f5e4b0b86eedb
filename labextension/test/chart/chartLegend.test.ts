import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { ChartLegend, valuesText } from '../../src/chart/chartLegend';
import { CHART_METRICS, drawnRunsOf } from '../../src/chart/chartMetrics';
import { comparedRuns } from './comparedRuns';

test('the legend has the last values, or those of an epoch', () => {
  const legend = (epoch: number | null) => {
    const { drawnRuns } = drawnRunsOf(
      comparedRuns(),
      CHART_METRICS.loss,
      false
    );
    return renderToStaticMarkup(
      React.createElement(ChartLegend, {
        drawnRuns,
        metric: CHART_METRICS.loss,
        epoch
      })
    );
  };
  assert.match(legend(null), /last epoch.*<td>1\.5000<\/td><td>1\.0000<\/td>/);
  assert.match(legend(1), /epoch 1<.*<td>2\.5000<\/td><td>2\.0000<\/td>/);
  assert.match(legend(9), /epoch 9<.*<td>–<\/td><td>–<\/td>/);
  assert.match(legend(1), /jp-Classgame-drawn jp-mod-slot2/);
});

test('the values at an epoch are described in a sentence', () => {
  const { drawnRuns } = drawnRunsOf(comparedRuns(), CHART_METRICS.acc, false);
  assert.equal(
    valuesText(drawnRuns, CHART_METRICS.acc, 2),
    'Epoch 2; run 3: model: validation 0.5000, training 0.6000'
  );
  assert.equal(
    valuesText(drawnRuns, CHART_METRICS.acc, 7),
    'Epoch 7; run 3: model: no value'
  );
});
