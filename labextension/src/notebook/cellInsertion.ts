import type {
  INotebookTracker,
  Notebook,
  NotebookPanel
} from '@jupyterlab/notebook';

/**
 * Find the notebook of a kernel.
 *
 * @param notebooks - The open notebooks.
 * @param kernelId - The id of the kernel.
 * @returns The current notebook if it runs on this kernel, else the first that does.
 */
export function findNotebook(
  notebooks: Pick<INotebookTracker, 'currentWidget' | 'find'>,
  kernelId: string
): Notebook | undefined {
  const runsOnKernel = (panel: NotebookPanel) =>
    panel.sessionContext.session?.kernel?.id === kernelId;
  const current = notebooks.currentWidget;
  const panel =
    current && runsOnKernel(current) ? current : notebooks.find(runsOnKernel);
  return panel?.content;
}

/** Milliseconds within which cells are inserted below each other: a page may be slow. */
const BURST = 10_000;

/** The last cell that was inserted into a notebook, and when. */
const lastInserted = new WeakMap<Notebook, { cell: unknown; time: number }>();

/** Keep the cell that was inserted last, until a key or a click in the notebook. */
function remember(notebook: Notebook, cell: unknown): void {
  lastInserted.set(notebook, { cell, time: Date.now() });
  const forget = () => lastInserted.delete(notebook);
  for (const touch of ['pointerdown', 'keydown']) {
    notebook.node.addEventListener(touch, forget, {
      capture: true,
      once: true
    });
  }
}

/**
 * Insert a code cell below the active cell, make it the active one and scroll to it.
 *
 * An active code cell that is empty receives the code itself. Of cells that come at once each goes
 * below the one before: the focus follows late, and may make another one active in between.
 *
 * @param notebook - The notebook; undefined if none was found.
 * @param code - The source of the new cell.
 * @throws {Error} If the notebook cannot take a cell, with the reason.
 */
export function insertCell(notebook: Notebook | undefined, code: string): void {
  const model = notebook?.model;
  if (!notebook || !model) {
    throw new Error('no open notebook runs on the kernel that sent it');
  }
  if (model.readOnly) {
    throw new Error('the notebook is read-only');
  }
  const last = lastInserted.get(notebook);
  const above =
    last && Date.now() - last.time < BURST
      ? model.sharedModel.cells.findIndex(cell => cell === last.cell)
      : -1;
  const active = above < 0 ? notebook.activeCell?.model : undefined;
  const empty = active?.type === 'code' && !active.sharedModel.source.trim();
  let index = above < 0 ? notebook.activeCellIndex : above;
  if (empty) {
    active.sharedModel.setSource(code);
    remember(notebook, active.sharedModel);
  } else {
    index += 1;
    const cell = model.sharedModel.insertCell(index, {
      cell_type: 'code',
      source: code,
      metadata: { trusted: true }
    });
    remember(notebook, cell);
  }
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  // Scrolling fails if the notebook is closed meanwhile; the cell has been inserted by then.
  notebook.scrollToItem(index).catch(() => undefined);
}
