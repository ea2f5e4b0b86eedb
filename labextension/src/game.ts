/**
 * How a game stands, as the kernel tells it, and the check of what came. Nothing of JupyterLab here.
 *
 * Whatever a kernel sends, what leaves `parseGame` has exactly these fields, of these types, within
 * these lengths; so that what shows it need not doubt it.
 */

/** Epochs from 1 and accuracies in [0, 1]. */
export type Curve = readonly (readonly [number, number])[];

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

/** A run of this kernel, from its start to the start of the next; `fraction` is of all of it. */
export interface IUnderWay {
  run: number;
  label: string;
  epoch: number;
  epochs: number;
  fraction: number;
  paused: boolean;
  stopping: boolean;
  practice: boolean;
  finished: boolean;
  note: string;
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

/** The most entries of any list, the most points of a curve, the most characters of a text. */
const MAX = { entries: 64, points: 40, text: 200 };

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
      practice: each.flag('practice'),
      finished: each.flag('finished'),
      note: each.text('note'),
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

/** Reads the fields of an object, each as what it is meant to be. */
class Reader {
  constructor(data: unknown, path: string) {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw new Error(`${path} is not an object`);
    }
    this._fields = data as Record<string, unknown>;
    this._path = path;
  }

  text(name: string): string {
    const value = this._fields[name];
    // The kernel counts characters, here they are counted in units of UTF-16.
    if (typeof value !== 'string' || value.length > 2 * MAX.text) {
      throw this._fault(name, `a text of at most ${MAX.text} characters`);
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this._fields[name];
    if (typeof value !== 'boolean') {
      throw this._fault(name, 'true or false');
    }
    return value;
  }

  number(name: string): number {
    const value = this._fields[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw this._fault(name, 'a number');
    }
    return value;
  }

  count(name: string): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < 0) {
      throw this._fault(name, 'a whole number from 0 on');
    }
    return value;
  }

  share(name: string): number {
    const value = this.number(name);
    if (value < 0 || value > 1) {
      throw this._fault(name, 'a number from 0 to 1');
    }
    return value;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const found = words.find(word => word === this._fields[name]);
    if (found === undefined) {
      throw this._fault(name, `one of ${words.join(', ')}`);
    }
    return found;
  }

  isNull(name: string): boolean {
    return this._fields[name] === null;
  }

  inner(name: string): Reader {
    return new Reader(this._fields[name], `${this._path}.${name}`);
  }

  list(name: string): Reader[] {
    return this._array(name, MAX.entries).map(
      (each, index) => new Reader(each, `${this._path}.${name}[${index}]`)
    );
  }

  curve(name: string): Curve {
    return this._array(name, MAX.points).map(point => {
      const [epoch, value] = Array.isArray(point) ? (point as unknown[]) : [];
      if (!Number.isFinite(epoch) || !Number.isFinite(value)) {
        throw this._fault(name, 'a list of pairs of numbers');
      }
      return [epoch as number, value as number] as const;
    });
  }

  private _array(name: string, most: number): unknown[] {
    const value = this._fields[name];
    if (!Array.isArray(value) || value.length > most) {
      throw this._fault(name, `a list of at most ${most}`);
    }
    return value;
  }

  private _fault(name: string, wanted: string): Error {
    return new Error(`${this._path}.${name} is not ${wanted}`);
  }

  private readonly _fields: Record<string, unknown>;
  private readonly _path: string;
}
