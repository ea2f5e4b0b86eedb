import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import { RunComparison } from '../chart/runComparison';
import type { IGame } from '../messages/gameState';
import {
  HELLO,
  HERE,
  TARGET,
  insertionAnswer,
  parseMessage,
  type HereMessage,
  type IChartMessage,
  type IInsertCellsMessage,
  type IOutputMessage,
  type InsertionAnswer,
  type Request
} from '../messages/messageSchema';
import { Subshell, type ISubshellKernel } from './subshell';

/** The part of a kernel connection that a link uses. */
export type ILinkedKernel = Pick<
  Kernel.IKernelConnection,
  | 'connectionStatus'
  | 'connectionStatusChanged'
  | 'createComm'
  | 'registerCommTarget'
> &
  ISubshellKernel;

/** The changes that a kernel may make to its notebooks. */
export interface INotebookChanges {
  /** Insert code cells; throws an error if that is impossible. */
  insertCells: (cells: readonly string[]) => void;
  /** Show a live chart in place of its picture. */
  showChart: (chart: IChartMessage) => void;
  /** Replace an output. */
  replaceOutput: (output: IOutputMessage) => void;
}

/** Milliseconds without an answer to `hello` after which a kernel is considered busy. */
const ANSWER_TIMEOUT = 1000;

/**
 * The comm with one kernel, for as long as that kernel's connection exists.
 *
 * A comm is opened with `hello` whenever the kernel is connected: at first, after a page reload and
 * after a restart; and whenever the kernel opens a comm to announce its game. A kernel without a
 * game answers by closing the comm. One that does not answer is running a cell; it is sent `hello`
 * again on a subshell, if it supports subshells.
 */
export class CommLink {
  /**
   * @param kernel - A kernel connection that handles comms.
   * @param notebooks - The changes that the kernel may make to its notebooks.
   */
  constructor(kernel: ILinkedKernel, notebooks: INotebookChanges) {
    this._kernel = kernel;
    this._notebooks = notebooks;
    this.comparison = new RunComparison(
      request => this.send(request),
      () => this._changed.emit()
    );
    kernel.registerCommTarget(TARGET, () => this._openComm());
    kernel.connectionStatusChanged.connect(() => this._updateStatus());
    this._updateStatus();
  }

  /** The kernel's game; null without a game, and while the kernel is not connected. */
  get game(): IGame | null {
    return this._game;
  }

  /** Whether the kernel has yet to say if it has a game: not connected, or no answer so far. */
  get waiting(): boolean {
    return !this._answered;
  }

  /** Whether the kernel has the extension, and has answered. */
  get connected(): boolean {
    return this._answered && this._comm !== null && !this._comm.isDisposed;
  }

  /** Emitted when `game` or `waiting` has changed, or the numbers of `comparison`. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Send a request; without an open comm it is dropped, as nothing is shown then to act on. */
  send(request: Request): void {
    if (this._comm && !this._comm.isDisposed) {
      this._sendOn(this._comm, request);
    }
  }

  private _updateStatus(): void {
    if (this._kernel.connectionStatus === 'connected') {
      this._openComm();
    } else {
      this._subshell = null;
      this._setState(null, false);
    }
  }

  /** Open a comm with `hello`, and close the previous one. */
  private _openComm(): void {
    const previous = this._comm;
    this._comm = null;
    if (previous && !previous.isDisposed) {
      previous.close();
    }
    const comm = this._kernel.createComm(TARGET);
    comm.onMsg = ({ content }) => {
      if (this._comm === comm) {
        this._receive(comm, content.data);
      }
    };
    comm.onClose = () => {
      if (this._comm === comm) {
        this._comm = null; // it is marked as disposed only after this call
        this._setState(null, true);
      }
    };
    this._comm = comm;
    this.comparison.forgetRequests();
    this._setState(this._game, false);
    if (this._subshell) {
      this._subshell.open(comm, HELLO);
    } else {
      comm.open(HELLO);
      setTimeout(() => void this._retryOnSubshell(comm), ANSWER_TIMEOUT);
    }
  }

  /** Send `hello` again, on a subshell, to a kernel that has not answered as it is running a cell. */
  private async _retryOnSubshell(comm: Kernel.IComm): Promise<void> {
    const obsolete = () =>
      this._answered ||
      this._comm !== comm ||
      this._kernel.connectionStatus !== 'connected';
    if (obsolete()) {
      return;
    }
    try {
      const supported = await Subshell.isSupported(this._kernel);
      // A kernel that has only just started answers `hello` next.
      await new Promise<void>(resolve =>
        setTimeout(resolve, ANSWER_TIMEOUT / 2)
      );
      if (!supported || obsolete()) {
        return;
      }
      const subshell = await Subshell.start(this._kernel);
      if (!obsolete()) {
        this._subshell = subshell;
        this._openComm();
      }
    } catch (error) {
      if (!obsolete()) {
        const reason = messageOf(error);
        console.warn(`jupyter-classgame: cannot reach the kernel: ${reason}`);
      }
    }
  }

  private _sendOn(
    comm: Kernel.IComm,
    message: Request | InsertionAnswer | HereMessage
  ): void {
    if (this._subshell) {
      this._subshell.send(comm, message);
    } else {
      comm.send(message);
    }
  }

  /** Act on a message from the kernel; if that fails, only a warning is logged. */
  private _receive(comm: Kernel.IComm, data: unknown): void {
    let game = this._game;
    try {
      const message = parseMessage(data);
      switch (message.type) {
        case 'insert-cells':
          this._insertCells(comm, message);
          break;
        case 'ping':
          this._sendOn(comm, HERE);
          return; // does not say whether there is a game
        case 'output':
          this._notebooks.replaceOutput(message);
          break;
        case 'chart':
          this._notebooks.showChart(message);
          return; // of whatever game
        case 'state':
          game = message.game;
          break;
        case 'curves':
          this.comparison.receive(message);
          break;
      }
    } catch (error) {
      console.warn(`jupyter-classgame: message ignored: ${messageOf(error)}`);
    }
    this._setState(game, true);
  }

  /** Insert cells and answer; after `refused` the kernel finds another way. */
  private _insertCells(
    comm: Kernel.IComm,
    { id, cells }: IInsertCellsMessage
  ): void {
    try {
      this._notebooks.insertCells(cells);
    } catch (error) {
      this._sendOn(comm, insertionAnswer(id, 'refused'));
      throw error;
    }
    this._sendOn(comm, insertionAnswer(id, 'inserted'));
  }

  private _setState(game: IGame | null, answered: boolean): void {
    const same = game === this._game && answered === this._answered;
    this._game = game;
    this._answered = answered;
    this.comparison.update(game);
    if (!same) {
      this._changed.emit();
    }
  }

  /** The runs in the chart, and their numbers. */
  readonly comparison: RunComparison;

  private readonly _kernel: ILinkedKernel;
  private readonly _notebooks: INotebookChanges;
  private readonly _changed = new Signal<this, void>(this);
  private _comm: Kernel.IComm | null = null;
  private _subshell: Subshell | null = null;
  private _answered = false;
  private _game: IGame | null = null;
}

/** The message of an error, whatever was thrown. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
