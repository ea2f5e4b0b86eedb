/**
 * How a game stands, as the kernel tells it, and the check of what came. Nothing of JupyterLab here.
 *
 * Whatever a kernel sends, what leaves `parseGame` has exactly these fields, of these types, within
 * these lengths; so that what shows it need not doubt it.
 */

import { Reader, type Curve } from './reader';

/** An item that the team has; one that a ranked run has used cannot be returned. */
export interface IOwned {
  slug: string;
  name: string;
  count: number;
  used: boolean;
}

/** A run that is over, or whose kernel is. */
export interface IRun {
  run: number;
  label: string;
  epochs: number;
  val_acc: number | null;
  ranked: boolean;
  ended: string;
  curve: Curve;
}

/**
 * A run of this kernel, from its start to the start of the next; `fraction` is of all of it, `edits`
 * counts the edits by hand.
 */
export interface IUnderWay {
  run: number;
  label: string;
  epoch: number;
  epochs: number;
  fraction: number;
  paused: boolean;
  stopping: boolean;
  finished: boolean;
  note: string;
  edits: number;
  curve: Curve;
}

/** One thing that the referee or the coach has found. */
export interface ILine {
  kind: 'error' | 'warning' | 'note' | 'fine';
  text: string;
}

/** The last verdict of the referee and the coach. */
export interface IVerdict {
  summary: string;
  lines: readonly ILine[];
}

/** One team's game; `budget` and `balance` in B NN. */
export interface IGame {
  pack: string;
  title: string;
  team: string;
  practice: boolean;
  budget: number;
  balance: number;
  owned: readonly IOwned[];
  under_way: readonly IUnderWay[];
  runs: readonly IRun[];
  verdict: IVerdict | null;
}

const KINDS = ['error', 'warning', 'note', 'fine'] as const;

/**
 * Check how a game stands.
 *
 * @param data - Anything at all; null where there is no game.
 * @returns A new object with the known fields and no others.
 * @throws {Error} If it is no such thing, with the first reason.
 */
export function parseGame(data: unknown): IGame | null {
  if (data === null) {
    return null;
  }
  const game = new Reader(data, 'game');
  return {
    pack: game.text('pack'),
    title: game.text('title'),
    team: game.text('team'),
    practice: game.flag('practice'),
    budget: game.number('budget'),
    balance: game.number('balance'),
    owned: game.list('owned').map(each => ({
      slug: each.text('slug'),
      name: each.text('name'),
      count: each.count('count'),
      used: each.flag('used')
    })),
    under_way: game.list('under_way').map(each => ({
      run: each.count('run'),
      label: each.text('label'),
      epoch: each.count('epoch'),
      epochs: each.count('epochs'),
      fraction: each.share('fraction'),
      paused: each.flag('paused'),
      stopping: each.flag('stopping'),
      finished: each.flag('finished'),
      note: each.text('note'),
      edits: each.count('edits'),
      curve: each.curve('curve')
    })),
    runs: game.list('runs').map(each => ({
      run: each.count('run'),
      label: each.text('label'),
      epochs: each.count('epochs'),
      val_acc: each.isNull('val_acc') ? null : each.share('val_acc'),
      ranked: each.flag('ranked'),
      ended: each.text('ended'),
      curve: each.curve('curve')
    })),
    verdict: game.isNull('verdict') ? null : parseVerdict(game.inner('verdict'))
  };
}

function parseVerdict(verdict: Reader): IVerdict {
  return {
    summary: verdict.text('summary'),
    lines: verdict.list('lines').map(line => ({
      kind: line.oneOf('kind', KINDS),
      text: line.text('text')
    }))
  };
}
