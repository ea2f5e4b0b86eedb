/**
 * The state of a game as the kernel sends it, and its check. Independent of JupyterLab.
 *
 * Whatever a kernel sends, an object that `parseGame` returns has exactly the fields declared here,
 * with these types and within the limits of length, so the code that shows it need not check again.
 */

import { FieldReader, type Curve } from './fieldReader';

/** An item that the team owns; once a ranked run has `used` it, it cannot be returned. */
export interface IOwnedItem {
  slug: string;
  name: string;
  count: number;
  used: boolean;
}

/** Most runs in a message. */
const MAX_RUNS = 300;

/**
 * A run that has ended, or whose kernel has; `ended` says how. It is `drawable` if the kernel can
 * give its numbers.
 */
export interface IEndedRun {
  run: number;
  label: string;
  epochs: number;
  val_acc: number | null;
  ranked: boolean;
  ended: string;
  drawable: boolean;
  curve: Curve;
}

/**
 * A run of this kernel, which is reported from its start until the next run starts.
 *
 * `fraction` is the share of the whole run that is done, `edits` the number of edits by hand;
 * `ended` says how it has ended, and is empty before; `lost_rank` why it is no longer ranked though it
 * began so, and is empty if it is; `unused` has a line for each item that is
 * owned and that the run does not use; `validated` says whether the curve is of the validation images,
 * and not of the training images.
 */
export interface IRunUnderWay {
  run: number;
  label: string;
  epoch: number;
  epochs: number;
  fraction: number;
  paused: boolean;
  stopping: boolean;
  finished: boolean;
  ended: string;
  note: string;
  lost_rank: string;
  unused: readonly string[];
  edits: number;
  validated: boolean;
  curve: Curve;
}

/** One line of a verdict: something that the referee or the coach has found. */
export interface IVerdictLine {
  kind: 'error' | 'warning' | 'note' | 'fine';
  text: string;
}

/** The last verdict of the referee and the coach. */
export interface IVerdict {
  summary: string;
  lines: readonly IVerdictLine[];
}

/**
 * The game of one team; `budget` and `balance` are in B NN. Of `run_count` runs that have ended the
 * best are in `runs`, as many as a message has room for.
 */
export interface IGame {
  pack: string;
  title: string;
  team: string;
  practice: boolean;
  budget: number;
  balance: number;
  owned: readonly IOwnedItem[];
  under_way: readonly IRunUnderWay[];
  run_count: number;
  runs: readonly IEndedRun[];
  verdict: IVerdict | null;
}

const LINE_KINDS = ['error', 'warning', 'note', 'fine'] as const;

/**
 * Check the state of a game.
 *
 * @param data - What the kernel sent; null if it has no game.
 * @returns A new object with the known fields only.
 * @throws {Error} If a field is invalid; the message names the first one.
 */
export function parseGame(data: unknown): IGame | null {
  if (data === null) {
    return null;
  }
  const game = new FieldReader(data, 'game');
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
      ended: each.text('ended'),
      note: each.text('note'),
      lost_rank: each.text('lost_rank'),
      unused: each.texts('unused'),
      edits: each.count('edits'),
      validated: each.flag('validated'),
      curve: each.curve('curve')
    })),
    run_count: game.count('run_count'),
    runs: game.list('runs', MAX_RUNS).map(each => ({
      run: each.count('run'),
      label: each.text('label'),
      epochs: each.count('epochs'),
      val_acc: each.isNull('val_acc') ? null : each.share('val_acc'),
      ranked: each.flag('ranked'),
      ended: each.text('ended'),
      drawable: each.flag('drawable'),
      curve: each.curve('curve')
    })),
    verdict: game.isNull('verdict') ? null : parseVerdict(game.inner('verdict'))
  };
}

function parseVerdict(verdict: FieldReader): IVerdict {
  return {
    summary: verdict.text('summary'),
    lines: verdict.list('lines').map(line => ({
      kind: line.oneOf('kind', LINE_KINDS),
      text: line.text('text')
    }))
  };
}

/** The newest run that has not finished; undefined if there is none. */
export function currentRun(game: IGame): IRunUnderWay | undefined {
  return [...game.under_way].reverse().find(run => !run.finished);
}
