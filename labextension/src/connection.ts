import type { Kernel } from '@jupyterlab/services';

import { HELLO, INSERTED, TARGET, parseMessage } from './protocol';

/** What is needed of a kernel. */
export type IKernel = Pick<
  Kernel.IKernelConnection,
  | 'connectionStatus'
  | 'connectionStatusChanged'
  | 'createComm'
  | 'registerCommTarget'
>;

/**
 * The comm with one kernel, for as long as that kernel's connection lives.
 *
 * A greeting is sent whenever the kernel is reached: at first, after a page reload, after a
 * restart; and whenever the kernel opens a comm to say that it has the game. A kernel without the
 * game answers by closing the comm, and all is quiet.
 */
export class Connection {
  /**
   * @param kernel - A connection that handles comms.
   * @param insert - Puts source into a new cell, or throws an error that says why it cannot.
   */
  constructor(kernel: IKernel, insert: (code: string) => void) {
    this._kernel = kernel;
    this._insert = insert;
    kernel.registerCommTarget(TARGET, () => this._greet());
    kernel.connectionStatusChanged.connect(() => this._greetIfConnected());
    this._greetIfConnected();
  }

  private _greetIfConnected(): void {
    if (this._kernel.connectionStatus === 'connected') {
      this._greet();
    }
  }

  /** Open a comm to the kernel; there is one at a time. */
  private _greet(): void {
    if (this._comm && !this._comm.isDisposed) {
      this._comm.close();
    }
    const comm = this._kernel.createComm(TARGET);
    comm.onMsg = ({ content }) => this._receive(comm, content.data);
    comm.open(HELLO);
    this._comm = comm;
  }

  /** Do what the kernel asks; what cannot be done is left with a warning. */
  private _receive(comm: Kernel.IComm, data: unknown): void {
    try {
      const message = parseMessage(data);
      switch (message.type) {
        case 'insert-cell':
          this._insert(message.code);
          comm.send(INSERTED);
          break;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.warn(`jupyter-classgame: message ignored: ${reason}`);
    }
  }

  private readonly _kernel: IKernel;
  private readonly _insert: (code: string) => void;
  private _comm: Kernel.IComm | null = null;
}
