import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import { Comparison } from './comparison';
import type { IGame } from './game';
import {
  HELLO,
  HERE,
  TARGET,
  answer,
  parseMessage,
  type Answer,
  type Here,
  type IInsertCell,
  type IOutput,
  type Request
} from './protocol';
import { Subshell, type IReachable } from './subshell';

/** What is needed of a kernel. */
export type IKernel = Pick<
  Kernel.IKernelConnection,
  | 'connectionStatus'
  | 'connectionStatusChanged'
  | 'createComm'
  | 'registerCommTarget'
> &
  IReachable;

/** What a kernel may have done to the notebooks it runs; either throws an error that says why not. */
export interface INotebooks {
  /** Put source into a new cell. */
  insert: (code: string) => void;
  /** Put something else where an output is. */
  replace: (output: IOutput) => void;
}

/** Milliseconds that a kernel has to answer a greeting before it is taken to be busy. */
const PATIENCE = 1000;

/**
 * The comm with one kernel, for as long as that kernel's connection lives.
 *
 * A greeting is sent whenever the kernel is reached: at first, after a page reload, after a
 * restart; and whenever the kernel opens a comm to say that it has the game. A kernel without the
 * game answers by closing the comm, and all is quiet. One that does not answer is running a cell; it
 * is greeted once more by a subshell, if it has such.
 */
export class Connection {
  /**
   * @param kernel - A connection that handles comms.
   * @param notebooks - What it may have done to them.
   */
  constructor(kernel: IKernel, notebooks: INotebooks) {
    this._kernel = kernel;
    this._notebooks = notebooks;
    this.comparison = new Comparison(
      request => this.ask(request),
      () => this._changed.emit()
    );
    kernel.registerCommTarget(TARGET, () => this._greet());
    kernel.connectionStatusChanged.connect(() => this._follow());
    this._follow();
  }

  /** How the kernel's game stands; null without a game, or where the kernel is out of reach. */
  get game(): IGame | null {
    return this._game;
  }

  /** Whether it is not known yet if the kernel has a game: it is out of reach, or has not answered. */
  get waiting(): boolean {
    return !this._heard;
  }

  /** Sent when `game` or `waiting` has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask something of the kernel; where it is out of reach, nothing is shown to ask it by. */
  ask(request: Request): void {
    if (this._comm && !this._comm.isDisposed) {
      this._send(this._comm, request);
    }
  }

  private _follow(): void {
    if (this._kernel.connectionStatus === 'connected') {
      this._greet();
    } else {
      this._subshell = null;
      this._become(null, false);
    }
  }

  /** Open a comm to the kernel; there is one at a time. */
  private _greet(): void {
    const former = this._comm;
    this._comm = null;
    if (former && !former.isDisposed) {
      former.close();
    }
    const comm = this._kernel.createComm(TARGET);
    comm.onMsg = ({ content }) => {
      if (this._comm === comm) {
        this._receive(comm, content.data);
      }
    };
    comm.onClose = () => {
      if (this._comm === comm) {
        this._become(null, true);
      }
    };
    this._comm = comm;
    this.comparison.forgetQuestions();
    this._become(this._game, false);
    if (this._subshell) {
      this._subshell.open(comm, HELLO);
    } else {
      comm.open(HELLO);
      setTimeout(() => void this._insist(comm), PATIENCE);
    }
  }

  /** Greet a kernel that has not answered by a way that is open while a cell runs. */
  private async _insist(comm: Kernel.IComm): Promise<void> {
    const overtaken = () =>
      this._heard ||
      this._comm !== comm ||
      this._kernel.connectionStatus !== 'connected';
    if (overtaken()) {
      return;
    }
    try {
      const supported = await Subshell.isSupported(this._kernel);
      // A kernel that has just started answers a greeting next.
      await new Promise<void>(resolve => setTimeout(resolve, PATIENCE / 2));
      if (!supported || overtaken()) {
        return;
      }
      const subshell = await Subshell.start(this._kernel);
      if (!overtaken()) {
        this._subshell = subshell;
        this._greet();
      }
    } catch (error) {
      if (!overtaken()) {
        const reason = reasonOf(error);
        console.warn(`jupyter-classgame: the kernel is not reached: ${reason}`);
      }
    }
  }

  private _send(comm: Kernel.IComm, message: Request | Answer | Here): void {
    if (this._subshell) {
      this._subshell.send(comm, message);
    } else {
      comm.send(message);
    }
  }

  /** Do what the kernel asks; what cannot be done is left with a warning. */
  private _receive(comm: Kernel.IComm, data: unknown): void {
    let game = this._game;
    try {
      const message = parseMessage(data);
      switch (message.type) {
        case 'insert-cell':
          this._insertFor(comm, message);
          break;
        case 'ping':
          this._send(comm, HERE);
          return; // it says nothing of the game
        case 'output':
          this._notebooks.replace(message);
          break;
        case 'state':
          game = message.game;
          break;
        case 'curves':
          this.comparison.take(message);
          break;
      }
    } catch (error) {
      console.warn(`jupyter-classgame: message ignored: ${reasonOf(error)}`);
    }
    this._become(game, true);
  }

  /** Insert a cell and say so; where it cannot be, the kernel is to find another way. */
  private _insertFor(comm: Kernel.IComm, { id, code }: IInsertCell): void {
    try {
      this._notebooks.insert(code);
    } catch (error) {
      this._send(comm, answer(id, 'refused'));
      throw error;
    }
    this._send(comm, answer(id, 'inserted'));
  }

  private _become(game: IGame | null, heard: boolean): void {
    const same = game === this._game && heard === this._heard;
    this._game = game;
    this._heard = heard;
    this.comparison.follow(game);
    if (!same) {
      this._changed.emit();
    }
  }

  /** The runs that are drawn, and their numbers. */
  readonly comparison: Comparison;

  private readonly _kernel: IKernel;
  private readonly _notebooks: INotebooks;
  private readonly _changed = new Signal<this, void>(this);
  private _comm: Kernel.IComm | null = null;
  private _subshell: Subshell | null = null;
  private _heard = false;
  private _game: IGame | null = null;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
