import type { Kernel, KernelMessage } from '@jupyterlab/services';
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { CommLink, type ILinkedKernel } from '../../src/kernel/commLink';
import {
  TARGET,
  VERSION,
  chartRequest,
  controlRequest,
  curvesRequest,
  type IOutputMessage
} from '../../src/messages/messageSchema';
import { gameOf, numbersOf } from '../messageSamples';

/** A comm that records what the extension sends and can receive messages. */
class Comm {
  constructor(readonly commId: string) {}

  readonly targetName = TARGET;
  isDisposed = false;
  sent: unknown[] = [];
  onMsg: (message: { content: { data: unknown } }) => void = () => undefined;
  onClose: () => void = () => undefined;

  open = (data: unknown) => this.sent.push(data);
  send = (data: unknown) => this.sent.push(data);
  close = () => {
    this.isDisposed = true;
    this.onClose();
  };
  /** The kernel closes it: it is marked as disposed only after the call. */
  refuse = () => {
    this.onClose();
    this.isDisposed = true;
  };
  receive = (data: unknown) => this.onMsg({ content: { data } });
}

/** A kernel that records what it receives. */
class FakeKernel {
  connectionStatus = 'connecting';
  comms: Comm[] = [];
  targets = new Map<string, () => void>();
  listeners: (() => void)[] = [];
  clientId = 'page';
  username = '';
  features = ['kernel subshells'];
  controlRequests: string[] = [];
  shell: KernelMessage.IShellMessage[] = [];
  connectionStatusChanged = {
    connect: (listener: () => void) => this.listeners.push(listener)
  };

  createComm(target: string): Comm {
    assert.equal(target, TARGET);
    this.comms.push(new Comm(`comm ${this.comms.length}`));
    return this.comm;
  }

  registerCommTarget(target: string, callback: () => void): void {
    this.targets.set(target, callback);
  }

  /** The control channel, which answers even while a cell runs. */
  sendControlMessage(message: KernelMessage.IControlMessage) {
    this.controlRequests.push(message.header.msg_type);
    const content = { supported_features: this.features, subshell_id: 'sub' };
    return { done: Promise.resolve({ content }) };
  }

  sendShellMessage(message: KernelMessage.IShellMessage): void {
    this.shell.push(message);
  }

  get comm(): Comm {
    return this.comms.at(-1)!;
  }

  become(status: string): void {
    this.connectionStatus = status;
    this.listeners.forEach(listener => listener());
  }

  /** What happens to the connection at a restart: every comm is disposed of without a message. */
  restart(): void {
    this.become('connecting');
    this.comms.forEach(comm => (comm.isDisposed = true));
    this.become('connected');
  }

  /** What a kernel does when its game starts late. */
  openComm(): void {
    this.targets.get(TARGET)!();
  }
}

const HELLO = { version: VERSION, type: 'hello' };
const cell = (code: string) => ({
  version: VERSION,
  type: 'insert-cells',
  id: 7,
  cells: [code]
});

let kernel: FakeKernel;
let inserted: string[];
let replaced: IOutputMessage[];
let shown: string[][];
let warnings: string[];

beforeEach(() => {
  kernel = new FakeKernel();
  inserted = [];
  replaced = [];
  shown = [];
  warnings = [];
  mock.restoreAll();
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(console, 'warn', (text: string) => warnings.push(text));
});

function connect(
  insertCells = (cells: readonly string[]) => void inserted.push(...cells)
): CommLink {
  return new CommLink(
    kernel as unknown as ILinkedKernel & Kernel.IKernelConnection,
    {
      insertCells,
      showChart: ({ place, model }) => void shown.push([place, model]),
      replaceOutput: output => void replaced.push(output)
    }
  );
}

test('a comm is opened once when the kernel connects', () => {
  connect();
  assert.equal(kernel.comms.length, 0);
  kernel.become('connected');
  assert.equal(kernel.comms.length, 1);
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('a comm is opened at once if the kernel is connected already', () => {
  kernel.become('connected');
  connect();
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('a cell is inserted and answered on the same comm', () => {
  kernel.become('connected');
  connect();
  kernel.comm.receive(cell('x = 1'));
  assert.deepEqual(inserted, ['x = 1']);
  assert.deepEqual(kernel.comm.sent, [
    HELLO,
    { version: VERSION, type: 'inserted', id: 7 }
  ]);
});

test('a live chart is shown, and a malformed one is not', () => {
  kernel.become('connected');
  const link = connect();
  link.send(chartRequest('run-1'));
  assert.deepEqual(kernel.comm.sent.slice(1), [
    { version: VERSION, type: 'chart', place: 'run-1' }
  ]);
  const chart = { version: VERSION, type: 'chart', place: 'run-1' } as const;
  kernel.comm.receive(chart);
  assert.equal(warnings.length, 1);
  kernel.comm.receive({ ...chart, model: 'ab12' });
  kernel.comm.receive({ ...chart, model: '' });
  assert.deepEqual(shown, [
    ['run-1', 'ab12'],
    ['run-1', '']
  ]);
});

test('an output is replaced, and a malformed one is not', () => {
  kernel.become('connected');
  connect();
  const output = {
    ...{ version: VERSION, type: 'output', place: 'run-1' },
    ...{ html: '<b>1</b>', plain: 'one' }
  } as const;
  for (const wrong of [{ place: 1 }, { html: null }, { plain: undefined }]) {
    kernel.comm.receive({ ...output, ...wrong });
  }
  kernel.comm.receive({ ...output, html: 'x'.repeat(70_000) });
  assert.equal(warnings.length, 4);
  kernel.comm.receive({ ...output, more: 1 });
  assert.deepEqual(replaced, [output]);
});

test('a comm is opened again after a restart, and messages are handled', () => {
  kernel.become('connected');
  connect();
  kernel.restart();
  assert.equal(kernel.comms.length, 2);
  kernel.comm.receive(cell('x = 2'));
  assert.deepEqual(inserted, ['x = 2']);
});

test('a comm is opened again when the game starts late, and the previous one closed', () => {
  kernel.become('connected');
  connect();
  kernel.openComm();
  assert.equal(kernel.comms.length, 2);
  assert.deepEqual(
    kernel.comms.map(comm => comm.isDisposed),
    [true, false]
  );
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('an unknown message causes a warning and no answer, and the next one is handled', () => {
  kernel.become('connected');
  connect();
  kernel.comm.receive({ version: VERSION, type: 'paint' });
  assert.deepEqual(warnings, [
    'jupyter-classgame: message ignored: the type "paint" is unknown'
  ]);
  assert.deepEqual(kernel.comm.sent, [HELLO]);
  kernel.comm.receive(cell('x = 3'));
  assert.deepEqual(inserted, ['x = 3']);
});

test('a cell that cannot be inserted is refused with a warning', () => {
  kernel.become('connected');
  connect(() => {
    throw new Error('the notebook is read-only');
  });
  kernel.comm.receive(cell('x = 4'));
  assert.deepEqual(warnings, [
    'jupyter-classgame: message ignored: the notebook is read-only'
  ]);
  assert.deepEqual(kernel.comm.sent, [
    HELLO,
    { version: VERSION, type: 'refused', id: 7 }
  ]);
});

test('a ping is answered, and nothing changes', () => {
  kernel.become('connected');
  const link = connect();
  kernel.comm.receive({ version: VERSION, type: 'ping' });
  assert.deepEqual(kernel.comm.sent, [
    HELLO,
    { version: VERSION, type: 'here' }
  ]);
  assert.equal(link.waiting, true);
});

const state = (game: unknown) => ({ version: VERSION, type: 'state', game });

test('the state of the game is stored, and its changes are signalled', () => {
  kernel.become('connected');
  const link = connect();
  const balances: unknown[] = [];
  link.changed.connect(({ game }) => balances.push(game?.balance));
  kernel.comm.receive(state(gameOf()));
  kernel.comm.receive(state(gameOf({ balance: 50 })));
  kernel.comm.receive(state(gameOf({ balance: 'much' })));
  kernel.comm.receive(state(null));
  assert.deepEqual(balances, [70, 50, undefined]);
  assert.match(warnings.join(), /game.balance is not a number/);
});

for (const [what, happens] of [
  ['restarted', () => kernel.become('connecting')],
  ['gone', () => kernel.become('disconnected')],
  ['without the game', () => kernel.comm.close()]
] as const) {
  test(`a kernel that is ${what} has no game`, () => {
    kernel.become('connected');
    const link = connect();
    kernel.comm.receive(state(gameOf()));
    happens();
    assert.equal(link.game, null);
  });
}

test('the game is kept until a kernel that opens a comm sends a new one', () => {
  kernel.become('connected');
  const link = connect();
  kernel.comm.receive(state(gameOf()));
  kernel.openComm();
  assert.equal(link.game?.team, 'red');
});

test('a request is sent on the newest comm, and dropped without one', () => {
  const link = connect();
  const request = controlRequest(gameOf(), 3, 'stop');
  link.send(request);
  kernel.become('connected');
  link.send(request);
  assert.deepEqual(kernel.comm.sent, [HELLO, request]);
  kernel.comm.close();
  link.send(request);
  assert.equal(kernel.comm.sent.length, 2);
});

test('numbers are requested and stored; unrequested ones cause a warning', () => {
  kernel.become('connected');
  const { comparison } = connect();
  kernel.comm.receive(state(gameOf()));
  comparison.requestNumbers();
  assert.deepEqual(kernel.comm.sent, [HELLO, curvesRequest(gameOf(), 3)]);
  const answer = { ...curvesRequest(gameOf(), 3), ...numbersOf() };
  kernel.comm.receive({ ...answer, team: 'blue' });
  kernel.comm.receive({ ...answer, run: 1 });
  assert.equal(comparison.drawn[0]?.numbers, null);
  assert.deepEqual(warnings, [
    'jupyter-classgame: message ignored: nobody asked for run 3 of that team',
    'jupyter-classgame: message ignored: nobody asked for run 1 of that team'
  ]);
  kernel.comm.receive(answer);
  assert.deepEqual(comparison.drawn[0]?.numbers, numbersOf());
  kernel.comm.receive(answer);
  assert.equal(warnings.length, 3);
});

test('numbers are requested again on a new comm', () => {
  kernel.become('connected');
  const { comparison } = connect();
  kernel.comm.receive(state(gameOf()));
  comparison.requestNumbers();
  kernel.openComm();
  comparison.requestNumbers();
  assert.deepEqual(kernel.comm.sent, [HELLO, curvesRequest(gameOf(), 3)]);
});

/** Let ten seconds pass, and run everything that waits for them. */
async function pass(): Promise<void> {
  for (let times = 0; times < 10; times++) {
    mock.timers.tick(1000);
    await new Promise(resolve => setImmediate(resolve));
  }
}

test('while a cell runs, a comm is opened and requests are sent on a subshell', async () => {
  kernel.become('connected');
  const link = connect();
  await pass();
  assert.deepEqual(kernel.controlRequests, [
    'kernel_info_request',
    'create_subshell_request'
  ]);
  assert.deepEqual(
    kernel.comms.map(comm => comm.isDisposed),
    [true, false]
  );
  kernel.comm.receive(state(gameOf()));
  link.send(controlRequest(gameOf(), 3, 'stop'));
  assert.deepEqual(
    kernel.shell.map(({ header, content }) => [
      header.msg_type,
      header.subshell_id,
      content
    ]),
    [
      [
        'comm_open',
        'sub',
        { comm_id: 'comm 1', target_name: TARGET, data: HELLO }
      ],
      [
        'comm_msg',
        'sub',
        { comm_id: 'comm 1', data: controlRequest(gameOf(), 3, 'stop') }
      ]
    ]
  );
  assert.deepEqual(kernel.comm.sent, []);
  assert.equal(link.game?.team, 'red');
});

for (const [what, happens] of [
  ['answers', () => kernel.comm.receive(state(gameOf()))],
  ['has no game', () => kernel.comm.close()],
  ['goes away', () => kernel.become('disconnected')]
] as const) {
  test(`no subshell is started for a kernel that ${what}`, async () => {
    kernel.become('connected');
    connect();
    happens();
    await pass();
    assert.deepEqual(kernel.controlRequests, []);
    assert.equal(kernel.comms.length, 1);
    assert.deepEqual(warnings, []);
  });
}

test('without subshells the kernel answers when the cell has ended', async () => {
  kernel.features = [];
  kernel.become('connected');
  const link = connect();
  await pass();
  assert.deepEqual(kernel.controlRequests, ['kernel_info_request']);
  kernel.comm.receive(state(gameOf()));
  assert.equal(link.game?.team, 'red');
});

test('after a restart the subshell is no longer used', async () => {
  kernel.become('connected');
  connect();
  await pass();
  kernel.restart();
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('the link is waiting until the kernel has answered', () => {
  const link = connect();
  const waiting: boolean[] = [];
  link.changed.connect(() => waiting.push(link.waiting));
  assert.equal(link.waiting, true);
  kernel.become('connected');
  assert.equal(link.waiting, true);
  const connected: boolean[] = [];
  link.changed.connect(() => connected.push(link.connected));
  kernel.comm.refuse();
  assert.equal(link.waiting, false);
  assert.deepEqual(connected, [false]);
  kernel.become('connecting');
  assert.equal(link.waiting, true);
  kernel.become('connected');
  kernel.comm.receive({ version: VERSION, type: 'state', game: gameOf() });
  assert.equal(link.waiting, false);
  assert.deepEqual(waiting, [false, true, false]);
});
