/**
 * The messages between the kernel and this extension, and the check of those from the kernel.
 *
 * `docs/developers/protocol.md` describes the protocol; its counterpart in the kernel is
 * `jupyter_classgame/widgets/comm/message_schema.py`. Independent of JupyterLab.
 *
 * The extension opens a comm on the target with `hello`. A kernel whose game starts only after that
 * opens a comm on the same target; this alone, whatever its data, asks for a new `hello`.
 */

import { FieldReader } from './fieldReader';
import { parseGame, type IGame } from './gameState';
import { parseRunNumbers, type IRunNumbers } from './runCurves';

/** The name of the comm target, in the kernel and in the front end. */
export const TARGET = 'jupyter_classgame';

/** The version of the protocol, which every message carries. */
export const VERSION = 5;

/** Most bytes of the sources of new cells, and of an output, in UTF-8. */
export const MAX_CODE_BYTES = 64 * 1024;

/** The kernel requests new code cells below the active one; the answer has the same id. */
export interface IInsertCellsMessage {
  version: typeof VERSION;
  type: 'insert-cells';
  id: number;
  cells: readonly string[];
}

/** The kernel asks whether the notebook is still open. */
export interface IPingMessage {
  version: typeof VERSION;
  type: 'ping';
}

/** The kernel sends the state of its game; null if it has none. */
export interface IStateMessage {
  version: typeof VERSION;
  type: 'state';
  game: IGame | null;
}

/** The game that a message is about; messages about any other game are ignored. */
export type GameAddress = Pick<IGame, 'pack' | 'team'>;

/** The kernel answers a request for the curves of a run. */
export interface ICurvesMessage extends GameAddress, IRunNumbers {
  version: typeof VERSION;
  type: 'curves';
  run: number;
}

/** The kernel answers a request for a live chart; the model is empty if it knows no such picture. */
export interface IChartMessage {
  version: typeof VERSION;
  type: 'chart';
  place: string;
  model: string;
}

/** The kernel replaces an output on pages that were loaded after it was shown. */
export interface IOutputMessage {
  version: typeof VERSION;
  type: 'output';
  place: string;
  html: string;
  plain: string;
}

/** A message from the kernel, on a comm that the extension opened. */
export type MessageFromKernel =
  | IChartMessage
  | ICurvesMessage
  | IInsertCellsMessage
  | IOutputMessage
  | IPingMessage
  | IStateMessage;

/** What a run under way can be requested to do. */
export type RunAction = 'stop' | 'pause' | 'resume';

/** The extension opens a comm. */
export type HelloMessage = { version: typeof VERSION; type: 'hello' };

/** The extension answers a `ping`. */
export type HereMessage = { version: typeof VERSION; type: 'here' };

/** The extension answers `insert-cells`: they are in place, or cannot be inserted. */
export type InsertionAnswer = {
  version: typeof VERSION;
  type: 'inserted' | 'refused';
  id: number;
};

/** The extension requests that a run be stopped, paused or resumed. */
export type ControlRequest = GameAddress & {
  version: typeof VERSION;
  type: 'control';
  run: number;
  action: RunAction;
};

/** The extension requests the recipe of an item as a new cell. */
export type RecipeRequest = GameAddress & {
  version: typeof VERSION;
  type: 'recipe';
  slug: string;
};

/** The extension requests the cells of the pack's baseline as new cells. */
export type BaselineRequest = GameAddress & {
  version: typeof VERSION;
  type: 'baseline';
};

/** The extension requests the curves of a run. */
export type CurvesRequest = GameAddress & {
  version: typeof VERSION;
  type: 'curves';
  run: number;
};

/** The extension requests the live chart of the run whose picture is at this place. */
export type ChartRequest = {
  version: typeof VERSION;
  type: 'chart';
  place: string;
};

export type Request =
  | BaselineRequest
  | ControlRequest
  | RecipeRequest
  | CurvesRequest
  | ChartRequest;

export const HELLO: HelloMessage = { version: VERSION, type: 'hello' };
export const HERE: HereMessage = { version: VERSION, type: 'here' };

/** Make the answer to `insert-cells`. */
export function insertionAnswer(
  id: number,
  type: InsertionAnswer['type']
): InsertionAnswer {
  return { version: VERSION, type, id };
}

/** Make the request that a run be stopped, paused or resumed. */
export function controlRequest(
  game: GameAddress,
  run: number,
  action: RunAction
): ControlRequest {
  const { pack, team } = game;
  return { version: VERSION, type: 'control', pack, team, run, action };
}

/** Make the request for the recipe of an item as a new cell. */
export function recipeRequest(game: GameAddress, slug: string): RecipeRequest {
  const { pack, team } = game;
  return { version: VERSION, type: 'recipe', pack, team, slug };
}

/** Make the request for the cells of the pack's baseline. */
export function baselineRequest({ pack, team }: GameAddress): BaselineRequest {
  return { version: VERSION, type: 'baseline', pack, team };
}

/** Make the request for the curves of a run. */
export function curvesRequest(game: GameAddress, run: number): CurvesRequest {
  const { pack, team } = game;
  return { version: VERSION, type: 'curves', pack, team, run };
}

/** Make the request for a live chart in place of a picture. */
export function chartRequest(place: string): ChartRequest {
  return { version: VERSION, type: 'chart', place };
}

/**
 * Check a message from a kernel.
 *
 * @param data - The data of a comm message.
 * @returns A new message with the known fields only.
 * @throws {Error} If it is not a message of this protocol; the error says why.
 */
export function parseMessage(data: unknown): MessageFromKernel {
  if (!isRecord(data)) {
    throw new Error('the message is not an object');
  }
  const { version, type, cells, game } = data;
  if (version !== VERSION) {
    throw new Error(`version ${quote(version)} is not ${VERSION}`);
  }
  switch (type) {
    case 'insert-cells': {
      if (!isTexts(cells) || !cells.length) {
        throw new Error('the code to insert is not a list of strings');
      }
      if (!fits(cells.join(''))) {
        throw new Error(`the code to insert is over ${MAX_CODE_BYTES} bytes`);
      }
      const id = new FieldReader(data, 'the message').count('id');
      return { version, type, id, cells: [...cells] };
    }
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
      const place = new FieldReader(data, 'the output').text('place');
      return { version, type, place, html, plain };
    }
    case 'chart': {
      const answer = new FieldReader(data, 'the answer');
      const [place, model] = [answer.text('place'), answer.text('model')];
      return { version, type, place, model };
    }
    case 'curves': {
      const answer = new FieldReader(data, 'the answer');
      return {
        version,
        type,
        pack: answer.text('pack'),
        team: answer.text('team'),
        run: answer.count('run'),
        ...parseRunNumbers(answer)
      };
    }
    default:
      throw new Error(`the type ${quote(type)} is unknown`);
  }
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function isTexts(data: unknown): data is readonly string[] {
  return Array.isArray(data) && data.every(each => typeof each === 'string');
}

/**
 * Whether a text is within the limit.
 *
 * UTF-8 has at least as many bytes as UTF-16 has units, so a huge text is not encoded to be measured.
 */
function fits(text: string): boolean {
  return (
    text.length <= MAX_CODE_BYTES &&
    new TextEncoder().encode(text).length <= MAX_CODE_BYTES
  );
}

/** Quote a value in an error message, cut to a reasonable length. */
function quote(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
