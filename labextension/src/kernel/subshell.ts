import { KernelMessage, type Kernel } from '@jupyterlab/services';

/** The part of a kernel connection that starts and uses a subshell. */
export type ISubshellKernel = Pick<
  Kernel.IKernelConnection,
  'clientId' | 'username' | 'sendControlMessage' | 'sendShellMessage'
>;

/**
 * A subshell of a kernel, which handles comm messages while a cell runs.
 *
 * JupyterLab uses a subshell itself once the kernel has announced, on its main shell, that it
 * supports them. After a page reload during a long cell this announcement comes only when the cell
 * has ended, whereas the control channel answers at once.
 */
export class Subshell {
  private constructor(
    private readonly _kernel: ISubshellKernel,
    private readonly _id: string
  ) {}

  /**
   * Ask a kernel, on its control channel, whether it supports subshells; a kernel that is starting
   * answers once it has started.
   */
  static async isSupported(kernel: ISubshellKernel): Promise<boolean> {
    const { content } = await requestControl(kernel, 'kernel_info_request');
    const features: unknown = content.supported_features;
    return Array.isArray(features) && features.includes('kernel subshells');
  }

  /** Start a subshell, which exists until the kernel ends. */
  static async start(kernel: ISubshellKernel): Promise<Subshell> {
    const { content } = await requestControl(kernel, 'create_subshell_request');
    if (typeof content.subshell_id !== 'string') {
      throw new Error('the kernel started no subshell');
    }
    return new Subshell(kernel, content.subshell_id);
  }

  /** Open a comm on the subshell. */
  open(comm: Kernel.IComm, data: object): void {
    this._send('comm_open', {
      comm_id: comm.commId,
      target_name: comm.targetName,
      data: { ...data }
    });
  }

  /** Send a message of a comm on the subshell. */
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

/** Send a request without arguments on the control channel and wait for the reply. */
async function requestControl(
  kernel: ISubshellKernel,
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
