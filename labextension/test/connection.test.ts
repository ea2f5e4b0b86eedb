import type { Kernel, KernelMessage } from '@jupyterlab/services';
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { Connection, type IKernel } from '../src/connection';
import {
  TARGET,
  VERSION,
  control,
  curves,
  type IOutput
} from '../src/protocol';
import { gameOf, numbersOf } from './games';

/** One comm as the kernel sees it: what was sent, and a way to say something. */
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
  say = (data: unknown) => this.onMsg({ content: { data } });
}

/** A kernel that keeps what reaches it. */
class FakeKernel {
  connectionStatus = 'connecting';
  comms: Comm[] = [];
  targets = new Map<string, () => void>();
  listeners: (() => void)[] = [];
  clientId = 'page';
  username = '';
  features = ['kernel subshells'];
  asked: string[] = [];
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

  /** The control channel, which answers while a cell runs. */
  sendControlMessage(message: KernelMessage.IControlMessage) {
    this.asked.push(message.header.msg_type);
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

  /** What the websocket does around a restart: every comm is forgotten unheard. */
  restart(): void {
    this.become('connecting');
    this.comms.forEach(comm => (comm.isDisposed = true));
    this.become('connected');
  }

  /** What a kernel does that gets the game late. */
  openComm(): void {
    this.targets.get(TARGET)!();
  }
}

const HELLO = { version: VERSION, type: 'hello' };
const cell = (code: string) => ({
  version: VERSION,
  type: 'insert-cell',
  id: 7,
  code
});

let kernel: FakeKernel;
let inserted: string[];
let replaced: IOutput[];
let warnings: string[];

beforeEach(() => {
  kernel = new FakeKernel();
  inserted = [];
  replaced = [];
  warnings = [];
  mock.restoreAll();
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(console, 'warn', (text: string) => warnings.push(text));
});

function connect(
  insert = (code: string) => void inserted.push(code)
): Connection {
  return new Connection(
    kernel as unknown as IKernel & Kernel.IKernelConnection,
    { insert, replace: output => void replaced.push(output) }
  );
}

test('a kernel that is reached is greeted once', () => {
  connect();
  assert.equal(kernel.comms.length, 0);
  kernel.become('connected');
  assert.equal(kernel.comms.length, 1);
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('a kernel that was reached before is greeted at once', () => {
  kernel.become('connected');
  connect();
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('a cell is inserted and answered on the same comm', () => {
  kernel.become('connected');
  connect();
  kernel.comm.say(cell('x = 1'));
  assert.deepEqual(inserted, ['x = 1']);
  assert.deepEqual(kernel.comm.sent, [
    HELLO,
    { version: VERSION, type: 'inserted', id: 7 }
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
    kernel.comm.say({ ...output, ...wrong });
  }
  kernel.comm.say({ ...output, html: 'x'.repeat(70_000) });
  assert.equal(warnings.length, 4);
  kernel.comm.say({ ...output, more: 1 });
  assert.deepEqual(replaced, [output]);
});

test('a restarted kernel is greeted again, and served', () => {
  kernel.become('connected');
  connect();
  kernel.restart();
  assert.equal(kernel.comms.length, 2);
  kernel.comm.say(cell('x = 2'));
  assert.deepEqual(inserted, ['x = 2']);
});

test('a kernel that got the game late is greeted again, and the former comm closed', () => {
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

test('an unknown message is warned of, not answered, and the next one is served', () => {
  kernel.become('connected');
  connect();
  kernel.comm.say({ version: VERSION, type: 'paint' });
  assert.deepEqual(warnings, [
    'jupyter-classgame: message ignored: the type "paint" is unknown'
  ]);
  assert.deepEqual(kernel.comm.sent, [HELLO]);
  kernel.comm.say(cell('x = 3'));
  assert.deepEqual(inserted, ['x = 3']);
});

test('a cell that cannot be inserted is warned of and refused', () => {
  kernel.become('connected');
  connect(() => {
    throw new Error('the notebook is read-only');
  });
  kernel.comm.say(cell('x = 4'));
  assert.deepEqual(warnings, [
    'jupyter-classgame: message ignored: the notebook is read-only'
  ]);
  assert.deepEqual(kernel.comm.sent, [
    HELLO,
    { version: VERSION, type: 'refused', id: 7 }
  ]);
});

test('a kernel that asks is told that the notebook is here, and nothing changes', () => {
  kernel.become('connected');
  const connection = connect();
  kernel.comm.say({ version: VERSION, type: 'ping' });
  assert.deepEqual(kernel.comm.sent, [
    HELLO,
    { version: VERSION, type: 'here' }
  ]);
  assert.equal(connection.waiting, true);
});

const state = (game: unknown) => ({ version: VERSION, type: 'state', game });

test('how the game stands is kept, and its changes are told', () => {
  kernel.become('connected');
  const connection = connect();
  const balances: unknown[] = [];
  connection.changed.connect(({ game }) => balances.push(game?.balance));
  kernel.comm.say(state(gameOf()));
  kernel.comm.say(state(gameOf({ balance: 50 })));
  kernel.comm.say(state(gameOf({ balance: 'much' })));
  kernel.comm.say(state(null));
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
    const connection = connect();
    kernel.comm.say(state(gameOf()));
    happens();
    assert.equal(connection.game, null);
  });
}

test('a game that comes late takes the place of the former one at once', () => {
  kernel.become('connected');
  const connection = connect();
  kernel.comm.say(state(gameOf()));
  kernel.openComm();
  assert.equal(connection.game?.team, 'red');
});

test('a request goes over the newest comm, and nowhere when there is none', () => {
  const connection = connect();
  const request = control(gameOf(), 3, 'stop');
  connection.ask(request);
  kernel.become('connected');
  connection.ask(request);
  assert.deepEqual(kernel.comm.sent, [HELLO, request]);
  kernel.comm.close();
  connection.ask(request);
  assert.equal(kernel.comm.sent.length, 2);
});

test('numbers are asked for and taken; what was not asked for is warned of', () => {
  kernel.become('connected');
  const { comparison } = connect();
  kernel.comm.say(state(gameOf()));
  comparison.want();
  assert.deepEqual(kernel.comm.sent, [HELLO, curves(gameOf(), 3)]);
  const answer = { ...curves(gameOf(), 3), ...numbersOf() };
  kernel.comm.say({ ...answer, team: 'blue' });
  kernel.comm.say({ ...answer, run: 1 });
  assert.equal(comparison.drawn[0]?.numbers, null);
  assert.deepEqual(warnings, [
    'jupyter-classgame: message ignored: nobody asked for run 3 of that team',
    'jupyter-classgame: message ignored: nobody asked for run 1 of that team'
  ]);
  kernel.comm.say(answer);
  assert.deepEqual(comparison.drawn[0]?.numbers, numbersOf());
  kernel.comm.say(answer);
  assert.equal(warnings.length, 3);
});

test('a kernel that is greeted once more is asked once more', () => {
  kernel.become('connected');
  const { comparison } = connect();
  kernel.comm.say(state(gameOf()));
  comparison.want();
  kernel.openComm();
  comparison.want();
  assert.deepEqual(kernel.comm.sent, [HELLO, curves(gameOf(), 3)]);
});

/** Let time pass, and with it all that waits for it. */
async function pass(): Promise<void> {
  for (let times = 0; times < 10; times++) {
    mock.timers.tick(1000);
    await new Promise(resolve => setImmediate(resolve));
  }
}

test('a kernel that runs a cell is greeted once more, and asked, by a subshell', async () => {
  kernel.become('connected');
  const connection = connect();
  await pass();
  assert.deepEqual(kernel.asked, [
    'kernel_info_request',
    'create_subshell_request'
  ]);
  assert.deepEqual(
    kernel.comms.map(comm => comm.isDisposed),
    [true, false]
  );
  kernel.comm.say(state(gameOf()));
  connection.ask(control(gameOf(), 3, 'stop'));
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
        { comm_id: 'comm 1', data: control(gameOf(), 3, 'stop') }
      ]
    ]
  );
  assert.deepEqual(kernel.comm.sent, []);
  assert.equal(connection.game?.team, 'red');
});

for (const [what, happens] of [
  ['answers', () => kernel.comm.say(state(gameOf()))],
  ['has no game', () => kernel.comm.close()],
  ['goes away', () => kernel.become('disconnected')]
] as const) {
  test(`a kernel that ${what} is left alone`, async () => {
    kernel.become('connected');
    connect();
    happens();
    await pass();
    assert.deepEqual(kernel.asked, []);
    assert.equal(kernel.comms.length, 1);
    assert.deepEqual(warnings, []);
  });
}

test('a kernel without subshells answers when it has time', async () => {
  kernel.features = [];
  kernel.become('connected');
  const connection = connect();
  await pass();
  assert.deepEqual(kernel.asked, ['kernel_info_request']);
  kernel.comm.say(state(gameOf()));
  assert.equal(connection.game?.team, 'red');
});

test('after a restart there is no subshell any more', async () => {
  kernel.become('connected');
  connect();
  await pass();
  kernel.restart();
  assert.deepEqual(kernel.comm.sent, [HELLO]);
});

test('it is not known whether there is a game until the kernel has answered', () => {
  const connection = connect();
  const told: boolean[] = [];
  connection.changed.connect(() => told.push(connection.waiting));
  assert.equal(connection.waiting, true);
  kernel.become('connected');
  assert.equal(connection.waiting, true);
  kernel.comm.close();
  assert.equal(connection.waiting, false);
  kernel.become('connecting');
  assert.equal(connection.waiting, true);
  kernel.become('connected');
  kernel.comm.say({ version: VERSION, type: 'state', game: gameOf() });
  assert.equal(connection.waiting, false);
  assert.deepEqual(told, [false, true, false]);
});
