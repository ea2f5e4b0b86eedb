import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IShown } from '../../src/notebook/lostCharts';
import { explainLostCharts } from '../../src/notebook/lostCharts';

const WIDGET = 'application/vnd.jupyter.widget-view+json';

/** What ipywidgets shows of a widget: nothing yet, the widget, or that it has none. */
const LOADING = { childElementCount: 0, classList: { contains: () => false } };
const THERE = { childElementCount: 1, classList: { contains: () => true } };
const NONE = { childElementCount: 0, classList: { contains: () => true } };

/** A notebook of one cell, with an output, and what is on the page of it. */
function notebookOf(shown: IShown | null, place: string, data: object) {
  const all: { data: Record<string, unknown>; metadata: unknown }[] = [
    { data: { ...data }, metadata: { jupyter_classgame: { place } } }
  ];
  const outputs = {
    length: 1,
    get: (index: number) => all[index]!,
    set: (index: number, output: (typeof all)[number]) => {
      all[index] = output;
    }
  };
  const widgets = [
    { model: {} },
    {
      model: { outputs },
      outputArea: { widgets: [{ node: { querySelector: () => shown } }] }
    }
  ];
  const sessionContext = { session: { kernel: { id: 'mine' } } };
  return { sessionContext, content: { widgets }, all };
}

function explained(
  shown: IShown | null,
  running: boolean,
  place = 'classgame-run-1',
  kernel = 'mine'
): string {
  const notebook = notebookOf(shown, place, { [WIDGET]: {} });
  const tracker = {
    forEach: (each: (panel: never) => void) => each(notebook as never)
  };
  const left = explainLostCharts(tracker, kernel, running, null);
  const [{ data, metadata }] = notebook.all as [(typeof notebook.all)[number]];
  assert.deepEqual(metadata, { jupyter_classgame: { place } });
  const plain = data['text/plain'];
  assert.equal(
    left.size,
    Number(plain === undefined && kernel === 'mine' && place.includes('run'))
  );
  return typeof plain === 'string' ? plain : '';
}

test('a chart that waits for its widget while a run goes on points to the panel', () => {
  assert.match(explained(LOADING, true), /The panel Class game/);
  assert.equal(explained(LOADING, false), '');
  assert.equal(explained(THERE, true), '');
  assert.equal(explained(null, true), '');
});

test('a chart whose kernel is gone points to how its run goes on', () => {
  assert.match(explained(NONE, false), /%train --resume/);
  assert.match(explained(NONE, true), /%train --resume/);
});

test('other outputs, and those of another kernel, are left alone', () => {
  assert.equal(explained(LOADING, true, 'classgame-shop-1'), '');
  assert.equal(explained(LOADING, true, 'classgame-run-1', 'other'), '');
});
