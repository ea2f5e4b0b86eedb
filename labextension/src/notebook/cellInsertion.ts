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

/**
 * Insert code cells below the active cell, make the first the active one and scroll to it.
 *
 * An active code cell that is empty receives the first source itself.
 *
 * @param notebook - The notebook; undefined if none was found.
 * @param sources - The sources of the new cells.
 * @throws {Error} If the notebook cannot take a cell, with the reason.
 */
export function insertCells(
  notebook: Notebook | undefined,
  sources: readonly string[]
): void {
  const model = notebook?.model;
  if (!notebook || !model) {
    throw new Error('no open notebook runs on the kernel that sent it');
  }
  if (model.readOnly) {
    throw new Error('the notebook is read-only');
  }
  const active = notebook.activeCell?.model;
  const empty = active?.type === 'code' && !active.sharedModel.source.trim();
  const index = notebook.activeCellIndex + (empty ? 0 : 1);
  if (empty) {
    active.sharedModel.setSource(sources[0] ?? '');
  }
  model.sharedModel.insertCells(
    notebook.activeCellIndex + 1,
    sources.slice(empty ? 1 : 0).map(source => ({
      cell_type: 'code',
      source,
      metadata: { trusted: true }
    }))
  );
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  // Scrolling fails if the notebook is closed meanwhile; the cells have been inserted by then.
  notebook.scrollToItem(index).catch(() => undefined);
}
