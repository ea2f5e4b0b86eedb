import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Comparison } from './comparison';
import { Connection, type IKernel } from './connection';
import type { IGame } from './game';
import { findNotebook, insertCell } from './insert';
import { control, recipe, type Action } from './protocol';

/** A kernel as a notebook has it. */
type NotebookKernel = IKernel &
  Pick<Kernel.IKernelConnection, 'id' | 'handleComms' | 'disposed'>;

/**
 * The game of the notebook in use, and what can be done there; every open notebook is followed.
 */
export class Desk {
  /** @param notebooks - The open notebooks. */
  constructor(notebooks: INotebookTracker) {
    this._notebooks = notebooks;
    const follow = (panel: NotebookPanel) => {
      panel.sessionContext.kernelChanged.connect(() => this._connect(panel));
      this._connect(panel);
    };
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
    notebooks.currentChanged.connect(() => this._changed.emit());
  }

  /** How the game stands on the kernel of the notebook in use; null without one. */
  get game(): IGame | null {
    return this._connection?.game ?? null;
  }

  /** The runs of that game that are drawn; null without a kernel. */
  get comparison(): Comparison | null {
    return this._connection?.comparison ?? null;
  }

  /** Sent when `game` or `comparison` may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether a cell can be inserted. */
  get hasNotebook(): boolean {
    return this._notebooks.currentWidget !== null;
  }

  /** Stop or pause a run, or let it go on. */
  steer(run: number, action: Action): void {
    if (this.game) {
      this._connection?.ask(control(this.game, run, action));
    }
  }

  /** Have the recipe of an item inserted as a cell. */
  insertRecipe(slug: string): void {
    if (this.game) {
      this._connection?.ask(recipe(this.game, slug));
    }
  }

  /** Insert code as a cell of the notebook in use. */
  insert(code: string): void {
    insertCell(this._notebooks.currentWidget?.content, code);
  }

  private get _connection(): Connection | null {
    const kernel =
      this._notebooks.currentWidget?.sessionContext.session?.kernel;
    return (kernel && this._connections.get(kernel.id)?.connection) ?? null;
  }

  private _connect({ sessionContext }: NotebookPanel): void {
    const kernel: NotebookKernel | null | undefined =
      sessionContext.session?.kernel;
    // Of several connections to one kernel, one alone handles comms.
    if (
      kernel?.handleComms &&
      this._connections.get(kernel.id)?.kernel !== kernel
    ) {
      const connection = new Connection(kernel, code =>
        insertCell(findNotebook(this._notebooks, kernel.id), code)
      );
      connection.changed.connect(() => this._changed.emit());
      this._connections.set(kernel.id, { kernel, connection });
      kernel.disposed.connect(() => {
        if (this._connections.get(kernel.id)?.kernel === kernel) {
          this._connections.delete(kernel.id);
        }
      });
    }
    this._changed.emit();
  }

  private readonly _notebooks: INotebookTracker;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _connections = new Map<
    string,
    { kernel: NotebookKernel; connection: Connection }
  >();
}
