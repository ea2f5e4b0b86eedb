import type {
  INotebookTracker,
  Notebook,
  NotebookPanel
} from '@jupyterlab/notebook';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findNotebook, insertCells } from '../../src/notebook/cellInsertion';

/** The part of a notebook that an insertion uses. */
function notebookOf(cells: string[], active = 0, readOnly = false) {
  const notebook = {
    cells: [...cells],
    scrolledTo: -1,
    activeCellIndex: active,
    activeCell: cells.length ? {} : null,
    deselectAll: () => undefined,
    scrollToItem: (index: number) => {
      notebook.scrolledTo = index;
      return Promise.reject(new Error('closed meanwhile'));
    },
    model: {
      readOnly,
      sharedModel: {
        insertCells: (
          index: number,
          cells: { cell_type: string; source: string }[]
        ) => {
          assert.ok(cells.every(({ cell_type }) => cell_type === 'code'));
          const sources = cells.map(({ source }) => source);
          notebook.cells.splice(index, 0, ...sources);
        }
      }
    }
  };
  return notebook;
}

test('cells are inserted below the active one, the first activated and scrolled to', () => {
  const notebook = notebookOf(['a', 'b', 'c'], 1);
  insertCells(notebook as unknown as Notebook, ['x = 1', 'x = 2']);
  assert.deepEqual(notebook.cells, ['a', 'b', 'x = 1', 'x = 2', 'c']);
  assert.equal(notebook.activeCellIndex, 2);
  assert.equal(notebook.scrolledTo, 2);
});

test('an empty active cell receives the code itself', () => {
  const notebook = notebookOf(['a', ' \n', 'c'], 1);
  const sources: string[] = [];
  const cellOf = (type: string) => ({
    model: {
      type,
      sharedModel: {
        source: ' \n',
        setSource: (source: string) => void sources.push(source)
      }
    }
  });
  notebook.activeCell = cellOf('code');
  insertCells(notebook as unknown as Notebook, ['x = 1', '%train']);
  assert.deepEqual(notebook.cells, ['a', ' \n', '%train', 'c']);
  assert.deepEqual(sources, ['x = 1']);
  assert.equal(notebook.activeCellIndex, 1);
  notebook.activeCell = cellOf('markdown');
  insertCells(notebook as unknown as Notebook, ['x = 2']);
  assert.deepEqual(notebook.cells, ['a', ' \n', 'x = 2', '%train', 'c']);
});

test('an empty notebook receives its first cell', () => {
  const notebook = notebookOf([], -1);
  insertCells(notebook as unknown as Notebook, ['x = 1']);
  assert.deepEqual(notebook.cells, ['x = 1']);
  assert.equal(notebook.activeCellIndex, 0);
});

test('a missing, an unloaded and a read-only notebook are refused', () => {
  assert.throws(() => insertCells(undefined, ['x']), /no open notebook/);
  const loading = { model: null } as unknown as Notebook;
  assert.throws(() => insertCells(loading, ['x']), /no open notebook/);
  const notebook = notebookOf(['a'], 0, true);
  assert.throws(
    () => insertCells(notebook as unknown as Notebook, ['x']),
    /read-only/
  );
  assert.deepEqual(notebook.cells, ['a']);
});

function trackerOf(panels: NotebookPanel[], current: NotebookPanel | null) {
  return {
    currentWidget: current,
    find: (runs: (panel: NotebookPanel) => boolean) => panels.find(runs)
  } as Pick<INotebookTracker, 'currentWidget' | 'find'>;
}

function panelOn(kernel: string | null): NotebookPanel {
  const session = kernel === null ? null : { kernel: { id: kernel } };
  return { sessionContext: { session }, content: {} } as NotebookPanel;
}

test('of the notebooks of a kernel, the current one is found', () => {
  const panels = [panelOn(null), panelOn('k'), panelOn('k'), panelOn('other')];
  const found = (current: NotebookPanel | null, kernel = 'k') =>
    panels.findIndex(
      panel =>
        panel.content === findNotebook(trackerOf(panels, current), kernel)
    );
  assert.equal(found(panels[2]!), 2);
  assert.equal(found(panels[3]!), 1);
  assert.equal(found(null), 1);
  assert.equal(found(panels[2]!, 'gone'), -1);
});
