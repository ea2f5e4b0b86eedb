/**
 * What the kernel and this extension say to each other; `docs/protocol.md` tells of it, and
 * `jupyter_classgame/widgets/lab/message_schema.py` has the same for the kernel. Nothing of JupyterLab here.
 *
 * The extension opens a comm on the target with `hello`. A kernel that got the game only after it
 * was greeted opens a comm on the same target; that alone, whatever it says, asks for a new `hello`.
 */

import { parseGame, type IGame } from './game';
import { parseNumbers, type INumbers } from './numbers';
import { Reader } from './reader';

/** The comm target, of the same name in the kernel and in the front end. */
export const TARGET = 'jupyter_classgame';

/** The version of the protocol that every message carries. */
export const VERSION = 3;

/** The longest source of a new cell, and the longest output, in bytes of UTF-8. */
export const MAX_CODE_BYTES = 64 * 1024;

/** The kernel asks for a new code cell below the active one; the answer names the same id. */
export interface IInsertCell {
  version: typeof VERSION;
  type: 'insert-cell';
  id: number;
  code: string;
}

/** The kernel asks if the notebook is still there. */
export interface IPing {
  version: typeof VERSION;
  type: 'ping';
}

/** The kernel tells how the game stands; null where it has none. */
export interface IState {
  version: typeof VERSION;
  type: 'state';
  game: IGame | null;
}

/** Whose game a message is about; nothing is done for another. */
export type Address = Pick<IGame, 'pack' | 'team'>;

/** The kernel tells a run's numbers, which it was asked for. */
export interface INumbersTold extends Address, INumbers {
  version: typeof VERSION;
  type: 'curves';
  run: number;
}

/** The kernel puts something else where an output is, on pages loaded since that was shown. */
export interface IOutput {
  version: typeof VERSION;
  type: 'output';
  place: string;
  html: string;
  plain: string;
}

/** What the kernel may say on a comm that the extension opened. */
export type KernelMessage =
  IInsertCell | IOutput | IPing | IState | INumbersTold;

/** What can be asked of a run under way. */
export type Action = 'stop' | 'pause' | 'resume';

/** What this extension says: it is there, or still is; the cell asked for is in place, or cannot be. */
export type Hello = { version: typeof VERSION; type: 'hello' };
export type Here = { version: typeof VERSION; type: 'here' };
export type Answer = {
  version: typeof VERSION;
  type: 'inserted' | 'refused';
  id: number;
};

/** What this extension asks: steer a run; send an item's recipe as a cell; tell a run's numbers. */
export type Control = Address & {
  version: typeof VERSION;
  type: 'control';
  run: number;
  action: Action;
};
export type Recipe = Address & {
  version: typeof VERSION;
  type: 'recipe';
  slug: string;
};
export type Curves = Address & {
  version: typeof VERSION;
  type: 'curves';
  run: number;
};
export type Request = Control | Recipe | Curves;

export const HELLO: Hello = { version: VERSION, type: 'hello' };
export const HERE: Here = { version: VERSION, type: 'here' };

/** Say what became of a cell that was asked for. */
export function answer(id: number, type: Answer['type']): Answer {
  return { version: VERSION, type, id };
}

/** Ask for a run to be stopped or paused, or to go on. */
export function control(game: Address, run: number, action: Action): Control {
  const { pack, team } = game;
  return { version: VERSION, type: 'control', pack, team, run, action };
}

/** Ask for the recipe of an item as a new cell. */
export function recipe(game: Address, slug: string): Recipe {
  const { pack, team } = game;
  return { version: VERSION, type: 'recipe', pack, team, slug };
}

/** Ask for the numbers of a run. */
export function curves(game: Address, run: number): Curves {
  const { pack, team } = game;
  return { version: VERSION, type: 'curves', pack, team, run };
}

/**
 * Check what came from a kernel.
 *
 * @param data - The data of a comm message, anything at all.
 * @returns A new message that holds the known fields and no others.
 * @throws {Error} If it is no message of this protocol, with the reason.
 */
export function parseMessage(data: unknown): KernelMessage {
  if (!isRecord(data)) {
    throw new Error('the message is not an object');
  }
  const { version, type, code, game } = data;
  if (version !== VERSION) {
    throw new Error(`version ${show(version)} is not ${VERSION}`);
  }
  switch (type) {
    case 'insert-cell':
      if (typeof code !== 'string') {
        throw new Error('the code to insert is not a string');
      }
      if (!fits(code)) {
        throw new Error(`the code to insert is over ${MAX_CODE_BYTES} bytes`);
      }
      return { version, type, id: new Reader(data, 'it').count('id'), code };
    case 'ping':
      return { version, type };
    case 'state':
      return { version, type, game: parseGame(game) };
    case 'output': {
      const { html, plain } = data;
      if (typeof html !== 'string' || typeof plain !== 'string') {
        throw new Error('the output is not text');
      }
      if (!fits(html + plain)) {
        throw new Error(`the output is over ${MAX_CODE_BYTES} bytes`);
      }
      const place = new Reader(data, 'the output').text('place');
      return { version, type, place, html, plain };
    }
    case 'curves': {
      const told = new Reader(data, 'the answer');
      return {
        version,
        type,
        pack: told.text('pack'),
        team: told.text('team'),
        run: told.count('run'),
        ...parseNumbers(told)
      };
    }
    default:
      throw new Error(`the type ${show(type)} is unknown`);
  }
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

/** UTF-8 is never shorter than UTF-16 is long, so a huge string is not encoded to be measured. */
function fits(code: string): boolean {
  return (
    code.length <= MAX_CODE_BYTES &&
    new TextEncoder().encode(code).length <= MAX_CODE_BYTES
  );
}

/** A value as it may stand in a warning, cut to a reasonable length. */
function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
