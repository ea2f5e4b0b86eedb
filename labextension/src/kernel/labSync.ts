import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import type { RunComparison } from '../chart/runComparison';
import { currentRun, type IGame } from '../messages/gameState';
import {
  baselineRequest,
  chartRequest,
  controlRequest,
  recipeRequest,
  type RunAction
} from '../messages/messageSchema';
import { findNotebook, insertCells } from '../notebook/cellInsertion';
import { showChart } from '../notebook/liveCharts';
import { explainLostCharts } from '../notebook/lostCharts';
import { replaceOutput } from '../notebook/outputReplacement';
import { CommLink, type ILinkedKernel } from './commLink';

/** Milliseconds after which a widget that is not on the page is not about to come. */
const WIDGET_PATIENCE = 4000;

/** The part of a notebook's kernel connection that is used here. */
type NotebookKernel = ILinkedKernel &
  Pick<
    Kernel.IKernelConnection,
    'id' | 'handleComms' | 'commsOverSubshells' | 'disposed' | 'clone'
  >;

/**
 * Keeps JupyterLab in step with the game of the current notebook, and acts on it.
 *
 * There is one link to the kernel of every open notebook.
 */
export class LabSync {
  /** @param notebooks - The open notebooks. */
  constructor(notebooks: INotebookTracker) {
    this._notebooks = notebooks;
    const add = (panel: NotebookPanel) => {
      panel.sessionContext.kernelChanged.connect(() => this._connect(panel));
      this._connect(panel);
    };
    notebooks.forEach(add);
    notebooks.widgetAdded.connect((_, panel) => add(panel));
    notebooks.currentChanged.connect(() => this._changed.emit());
  }

  /** The game of the current notebook's kernel; null without one. */
  get game(): IGame | null {
    return this._currentLink?.game ?? null;
  }

  /** The runs of that game in the chart; null without a kernel. */
  get comparison(): RunComparison | null {
    return this._currentLink?.comparison ?? null;
  }

  /** Whether the current notebook's kernel has yet to say if it has a game. */
  get waiting(): boolean {
    return !this.game && Boolean(this._currentLink?.waiting);
  }

  /** Emitted when `game`, `comparison` or `waiting` may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether there is a notebook to insert a cell into. */
  get hasNotebook(): boolean {
    return this._notebooks.currentWidget !== null;
  }

  /** Request that a run be stopped, paused or resumed. */
  controlRun(run: number, action: RunAction): void {
    if (this.game) {
      this._currentLink?.send(controlRequest(this.game, run, action));
    }
  }

  /** Request the recipe of an item, which the kernel has inserted as a cell. */
  insertRecipe(slug: string): void {
    if (this.game) {
      this._currentLink?.send(recipeRequest(this.game, slug));
    }
  }

  /** Request the cells of the baseline, which the kernel has inserted. */
  insertBaseline(): void {
    if (this.game) {
      this._currentLink?.send(baselineRequest(this.game));
    }
  }

  /** Request the live chart of a picture; without its kernel's extension, say that there is none. */
  openChart(picture: HTMLElement, place: string): void {
    const panel = this._notebooks.find(({ node }) => node.contains(picture));
    const id = panel?.sessionContext.session?.kernel?.id;
    const link = id === undefined ? undefined : this._links.get(id)?.link;
    if (link?.connected) {
      link.send(chartRequest(place));
    } else if (id !== undefined) {
      showChart(this._notebooks, id, { place, model: '' });
    }
  }

  /** The code that starts a game; it loads the kernel's extension unless that has answered. */
  get startCode(): string {
    const start = '%classgame start';
    return this._currentLink?.connected
      ? start
      : `%load_ext jupyter_classgame\n${start}`;
  }

  /** Insert a code cell into the current notebook. */
  insertCode(code: string): void {
    insertCells(this._notebooks.currentWidget?.content, [code]);
  }

  private get _currentLink(): CommLink | null {
    const kernel =
      this._notebooks.currentWidget?.sessionContext.session?.kernel;
    return (kernel && this._links.get(kernel.id)?.link) ?? null;
  }

  private _connect({ sessionContext }: NotebookPanel): void {
    const kernel = sessionContext.session?.kernel;
    if (kernel) {
      this._ensureLink(kernel);
      setTimeout(() => this._explain(kernel.id), WIDGET_PATIENCE);
    }
    this._changed.emit();
  }

  /**
   * Say in the cells whose charts are not on the page where their runs are.
   *
   * It is looked again at those that the notebook had at first, as their cells may be far from what
   * is seen of it, and a kernel may take a while to answer.
   */
  private _explain(
    kernelId: string,
    among: ReadonlySet<string> | null = null
  ): void {
    const link = this._links.get(kernelId)?.link;
    const game = link?.game ?? null;
    const running = game !== null && currentRun(game) !== undefined;
    const left = explainLostCharts(this._notebooks, kernelId, running, among);
    if (link && left.size) {
      setTimeout(() => this._explain(kernelId, left), WIDGET_PATIENCE);
    }
  }

  /**
   * Link to the kernel of a notebook, unless it is linked by another notebook.
   *
   * Of several connections to one kernel, JupyterLab lets only the first handle comms. Once that one
   * is closed, the link of the next notebook uses a connection of its own.
   */
  private _ensureLink(kernel: NotebookKernel): void {
    const existing = this._links.get(kernel.id);
    if (existing && (existing.kernel === kernel || !kernel.handleComms)) {
      return;
    }
    existing?.end();
    const own = kernel.handleComms ? null : kernel.clone({ handleComms: true });
    if (own) {
      own.commsOverSubshells = kernel.commsOverSubshells;
    }
    const link = new CommLink(own ?? kernel, {
      insertCells: cells =>
        insertCells(findNotebook(this._notebooks, kernel.id), cells),
      showChart: chart => showChart(this._notebooks, kernel.id, chart),
      replaceOutput: output => replaceOutput(this._notebooks, kernel.id, output)
    });
    link.changed.connect(() => this._changed.emit());
    const end = () => own?.dispose();
    this._links.set(kernel.id, { kernel, link, end });
    kernel.disposed.connect(() => {
      if (this._links.get(kernel.id)?.kernel === kernel) {
        end();
        this._links.delete(kernel.id);
        this._relink(kernel);
      }
    });
  }

  /** Link to a kernel by another notebook, after the connection of the linked one has closed. */
  private _relink(closed: NotebookKernel): void {
    const other = this._notebooks.find(({ sessionContext }) => {
      const kernel = sessionContext.session?.kernel;
      return (
        kernel?.id === closed.id && kernel !== closed && !kernel.isDisposed
      );
    });
    if (other) {
      this._connect(other);
    }
  }

  private readonly _notebooks: INotebookTracker;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _links = new Map<
    string,
    { kernel: NotebookKernel; link: CommLink; end: () => void }
  >();
}
