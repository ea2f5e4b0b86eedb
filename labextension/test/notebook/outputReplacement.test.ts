import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERSION, type IOutputMessage } from '../../src/messages/messageSchema';
import {
  replaceInCell,
  replaceOutput,
  type ICellOutputs
} from '../../src/notebook/outputReplacement';

type Output = {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
};

const NEW: IOutputMessage = {
  ...{ version: VERSION, type: 'output', place: 'run-1' },
  ...{ html: '<b>1</b>', plain: 'one' }
};

const REPLACEMENT = {
  output_type: 'display_data',
  data: { 'text/html': '<b>1</b>', 'text/plain': 'one' },
  metadata: { jupyter_classgame: { place: 'run-1' } }
};

class CellOutputs implements ICellOutputs {
  constructor(readonly all: Output[]) {}

  get length(): number {
    return this.all.length;
  }

  get = (index: number) => this.all[index]!;

  set = (index: number, output: Output) => void (this.all[index] = output);
}

const at = (place: unknown) => ({
  data: {},
  metadata: { jupyter_classgame: place }
});

test('only the output with that place is replaced', () => {
  const others = [
    at({ place: 'run-2' }),
    at('run-1'),
    at(null),
    { data: {}, metadata: {} }
  ];
  const outputs = new CellOutputs([...others, at({ place: 'run-1' })]);
  replaceInCell(outputs, NEW);
  assert.deepEqual(outputs.all, [...others, REPLACEMENT]);
});

test('only the notebooks of the kernel are searched', () => {
  const notebook = (id: string | undefined) => {
    const outputs = new CellOutputs([at({ place: 'run-1' })]);
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
    [REPLACEMENT, at({ place: 'run-1' }), at({ place: 'run-1' })]
  );
});
