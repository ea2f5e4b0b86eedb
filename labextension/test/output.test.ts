import assert from 'node:assert/strict';
import { test } from 'node:test';

import { replaceIn, replaceOutput, type IOutputs } from '../src/output';
import { VERSION, type IOutput } from '../src/protocol';

type Output = { readonly metadata: Readonly<Record<string, unknown>> };

const NEW: IOutput = {
  ...{ version: VERSION, type: 'output', place: 'run-1' },
  ...{ html: '<b>1</b>', plain: 'one' }
};

const WRITTEN = {
  output_type: 'display_data',
  data: { 'text/html': '<b>1</b>', 'text/plain': 'one' },
  metadata: { jupyter_classgame: { place: 'run-1' } }
};

class Outputs implements IOutputs {
  constructor(readonly all: Output[]) {}

  get length(): number {
    return this.all.length;
  }

  get = (index: number) => this.all[index]!;

  set = (index: number, output: Output) => void (this.all[index] = output);
}

const at = (place: unknown) => ({ metadata: { jupyter_classgame: place } });

test('the output of that place is replaced, and no other', () => {
  const others = [
    at({ place: 'run-2' }),
    at('run-1'),
    at(null),
    { metadata: {} }
  ];
  const outputs = new Outputs([...others, at({ place: 'run-1' })]);
  replaceIn(outputs, NEW);
  assert.deepEqual(outputs.all, [...others, WRITTEN]);
});

test('it is looked for in the notebooks of the kernel alone', () => {
  const notebook = (id: string | undefined) => {
    const outputs = new Outputs([at({ place: 'run-1' })]);
    const cells = [{ type: 'markdown' }, { type: 'code', outputs }];
    const kernel = id === undefined ? null : { id };
    return {
      ...{ outputs, sessionContext: { session: { kernel } } },
      content: { model: { cells } }
    };
  };
  const notebooks = [notebook('mine'), notebook('other'), notebook(undefined)];
  const tracker = {
    forEach: (each: (panel: never) => void) => notebooks.forEach(each as never)
  };
  replaceOutput(tracker, 'mine', NEW);
  assert.deepEqual(
    notebooks.map(({ outputs }) => outputs.all[0]),
    [WRITTEN, at({ place: 'run-1' }), at({ place: 'run-1' })]
  );
});
