import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainLostCharts, reasonOf } from '../../src/notebook/lostCharts';

const WIDGET = 'application/vnd.jupyter.widget-view+json';

/** A notebook of one cell, with some text on the page and an output. */
function notebookOf(textContent: string, place: string, data: object) {
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
    { model: {}, node: { textContent } },
    { model: { outputs }, node: { textContent } }
  ];
  const sessionContext = { session: { kernel: { id: 'mine' } } };
  return { sessionContext, content: { widgets }, all };
}

function explained(
  shown: string,
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
  assert.match(explained('Loading widget...', true), /The panel Class game/);
  assert.equal(explained('Loading widget...', false), '');
  assert.equal(explained('epoch 3/10', true), '');
});

test('a chart whose kernel is gone points to how its run goes on', () => {
  const shown = 'Error displaying widget: model not found';
  assert.match(explained(shown, false), /%train --resume/);
  assert.match(explained(shown, true), /%train --resume/);
});

test('other outputs, and those of another kernel, are left alone', () => {
  assert.equal(explained('Loading widget...', true, 'classgame-shop-1'), '');
  assert.equal(
    explained('Loading widget...', true, 'classgame-run-1', 'other'),
    ''
  );
  assert.equal(reasonOf('', true), '');
});
