import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layoutOf } from '../../src/chart/chartLayout';
import { CHART_METRICS, drawnRunsOf } from '../../src/chart/chartMetrics';
import { comparedRuns } from './comparedRuns';

test('the value axis fits the values in the window', () => {
  const size = { width: 260, height: 170 };
  const { drawnRuns } = drawnRunsOf(comparedRuns(), CHART_METRICS.loss, false);
  const all = layoutOf(drawnRuns, CHART_METRICS.loss, false, [1, 2], size);
  const end = layoutOf(drawnRuns, CHART_METRICS.loss, false, [2, 2], size);
  assert.ok(all.values[1] > 2.5 && end.values[1] < 1.6);
  assert.equal(all.epochAt(all.x(1.5)), 1.5);
  assert.equal(all.epochAt(-100), 1);
});

test('long numbers have room beside the axis', () => {
  const size = { width: 260, height: 170 };
  const { drawnRuns } = drawnRunsOf(comparedRuns(), CHART_METRICS.lr, false);
  const left = (format: (value: number) => string) =>
    layoutOf(
      drawnRuns,
      { ...CHART_METRICS.lr, formatTick: format },
      false,
      [1, 2],
      size
    ).left;
  assert.equal(
    left(() => '0.5'),
    44
  );
  assert.ok(left(() => '0.001375') >= 55);
});
