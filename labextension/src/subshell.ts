import { KernelMessage, type Kernel } from '@jupyterlab/services';

/** What is needed of a kernel to reach it while a cell runs. */
export type IReachable = Pick<
  Kernel.IKernelConnection,
  'clientId' | 'username' | 'sendControlMessage' | 'sendShellMessage'
>;

/**
 * A way into a kernel that is busy, where JupyterLab knows of none.
 *
 * JupyterLab sends comm messages to a subshell once the kernel has told it, in its main shell, that
 * there are such. After a page reload in the middle of a long cell that is told when the cell has
 * ended. The control channel answers at once.
 */
export class Subshell {
  private constructor(
    private readonly _kernel: IReachable,
    private readonly _id: string
  ) {}

  /**
   * Whether a kernel has subshells, as its control channel says; that may take as long as the
   * kernel takes to start.
   */
  static async isSupported(kernel: IReachable): Promise<boolean> {
    const { content } = await control(kernel, 'kernel_info_request');
    const features: unknown = content.supported_features;
    return Array.isArray(features) && features.includes('kernel subshells');
  }

  /** Start a subshell; it ends with the kernel. */
  static async start(kernel: IReachable): Promise<Subshell> {
    const { content } = await control(kernel, 'create_subshell_request');
    if (typeof content.subshell_id !== 'string') {
      throw new Error('the kernel started no subshell');
    }
    return new Subshell(kernel, content.subshell_id);
  }

  /** Open a comm by the subshell. */
  open(comm: Kernel.IComm, data: object): void {
    this._send('comm_open', {
      comm_id: comm.commId,
      target_name: comm.targetName,
      data: { ...data }
    });
  }

  /** Send a message on a comm by the subshell. */
  send(comm: Kernel.IComm, data: object): void {
    this._send('comm_msg', { comm_id: comm.commId, data: { ...data } });
  }

  private _send(type: 'comm_open' | 'comm_msg', content: object): void {
    const message = KernelMessage.createMessage({
      msgType: type,
      channel: 'shell',
      username: this._kernel.username,
      session: this._kernel.clientId,
      subshellId: this._id,
      content
    } as KernelMessage.IOptions<KernelMessage.ICommMsgMsg<'shell'>>);
    this._kernel.sendShellMessage(message, false, true);
  }
}

/** Ask something that takes no arguments on the control channel. */
async function control(
  kernel: IReachable,
  type: 'kernel_info_request' | 'create_subshell_request'
): Promise<{ content: Record<string, unknown> }> {
  const message = KernelMessage.createMessage({
    msgType: type,
    channel: 'control',
    username: kernel.username,
    session: kernel.clientId,
    content: {}
  } as unknown as KernelMessage.IOptions<KernelMessage.ICreateSubshellRequestMsg>);
  const reply: unknown = await kernel.sendControlMessage(message, true, true)
    .done;
  return reply as { content: Record<string, unknown> };
}
