import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Comparison } from './comparison';
import { Connection, type IKernel } from './connection';
import type { IGame } from './game';
import { findNotebook, insertCell } from './insert';
import { replaceOutput } from './output';
import { control, recipe, type Action } from './protocol';

/** A kernel as a notebook has it. */
type NotebookKernel = IKernel &
  Pick<
    Kernel.IKernelConnection,
    'id' | 'handleComms' | 'commsOverSubshells' | 'disposed' | 'clone'
  >;

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

  /** Whether the kernel of the notebook in use has yet to say if it has a game. */
  get waiting(): boolean {
    return !this.game && Boolean(this._connection?.waiting);
  }

  /** Sent when `game`, `comparison` or `waiting` may have changed. */
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
    const kernel = sessionContext.session?.kernel;
    if (kernel) {
      this._reach(kernel);
    }
    this._changed.emit();
  }

  /**
   * Connect to the kernel of a notebook, unless another notebook on it is connected.
   *
   * Of several connections to one kernel, JupyterLab lets the first alone handle comms. When that
   * one is gone, the next notebook gets a connection of our own beside its own.
   */
  private _reach(kernel: NotebookKernel): void {
    const former = this._connections.get(kernel.id);
    if (former && (former.kernel === kernel || !kernel.handleComms)) {
      return;
    }
    former?.end();
    const own = kernel.handleComms ? null : kernel.clone({ handleComms: true });
    if (own) {
      own.commsOverSubshells = kernel.commsOverSubshells;
    }
    const connection = new Connection(own ?? kernel, {
      insert: code =>
        insertCell(findNotebook(this._notebooks, kernel.id), code),
      replace: output => replaceOutput(this._notebooks, kernel.id, output)
    });
    connection.changed.connect(() => this._changed.emit());
    const end = () => own?.dispose();
    this._connections.set(kernel.id, { kernel, connection, end });
    kernel.disposed.connect(() => {
      if (this._connections.get(kernel.id)?.kernel === kernel) {
        end();
        this._connections.delete(kernel.id);
        this._replace(kernel);
      }
    });
  }

  /** Let another notebook on a kernel take the place of one whose connection is gone. */
  private _replace(gone: NotebookKernel): void {
    const other = this._notebooks.find(({ sessionContext }) => {
      const kernel = sessionContext.session?.kernel;
      return kernel?.id === gone.id && kernel !== gone && !kernel.isDisposed;
    });
    if (other) {
      this._connect(other);
    }
  }

  private readonly _notebooks: INotebookTracker;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _connections = new Map<
    string,
    { kernel: NotebookKernel; connection: Connection; end: () => void }
  >();
}
