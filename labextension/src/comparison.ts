import type { IGame, IUnderWay } from './game';
import type { INumbers } from './numbers';
import { curves, type Curves, type INumbersTold } from './protocol';

/** The most runs that are drawn at a time: each has a colour and a dash of its own. */
export const MOST_DRAWN = 6;

/** Least milliseconds between two questions for the numbers of one run. */
const PAUSE = 1000;

/** A run that may be drawn; `stage` changes with its numbers, `hindrance` says why it cannot be. */
export interface ICandidate {
  run: number;
  name: string;
  stage: string;
  hindrance: string;
}

/** A run that is drawn; `slot` stands for its colour and its dash. */
export interface IDrawn {
  run: number;
  name: string;
  slot: number;
  numbers: INumbers | null;
}

/** The runs of a game, in the order of their numbers. */
export function candidatesOf(game: IGame): ICandidate[] {
  const found = new Map<number, ICandidate>();
  for (const { run, label, epochs, curve } of game.runs) {
    const lost = epochs
      ? 'its numbers are in another kernel'
      : 'it finished no epoch';
    found.set(run, {
      run,
      name: `run ${run}: ${label}`,
      stage: 'over',
      hindrance: curve.length ? '' : lost
    });
  }
  for (const each of game.under_way) {
    found.set(each.run, {
      run: each.run,
      name: each.label,
      stage: stageOf(each),
      hindrance: each.curve.length ? '' : 'its first epoch is not over yet'
    });
  }
  return [...found.values()].sort((one, other) => one.run - other.run);
}

function stageOf({ curve, edits, finished }: IUnderWay): string {
  return finished ? 'over' : `${curve[curve.length - 1]?.[0]} ${edits}`;
}

/**
 * Which runs of a kernel's game are drawn, and their numbers.
 *
 * The numbers are asked for by `want` alone, which the chart calls whenever it is drawn: for a run
 * that is newly drawn, and when one under way has got further. There is one question at a time for a
 * run, and a pause between two.
 */
export class Comparison {
  /**
   * @param ask - Sends a question to the kernel.
   * @param changed - Told when there is something new to draw.
   */
  constructor(
    private readonly _ask: (question: Curves) => void,
    private readonly _changed: () => void
  ) {}

  /** Whether another run can be drawn. */
  get hasRoom(): boolean {
    return this._slots.size < MOST_DRAWN;
  }

  /** A run of the game that may be drawn. */
  candidate(run: number): ICandidate | undefined {
    return this._candidates.find(each => each.run === run);
  }

  /**
   * The colour and dash of a run, undefined of one that is not drawn; as long as nobody says
   * otherwise, the newest is drawn.
   */
  slot(run: number): number | undefined {
    return this._slots.get(run);
  }

  /** The runs that are drawn, in the order of their numbers. */
  get drawn(): IDrawn[] {
    return this._candidates.flatMap(({ run, name }) => {
      const slot = this._slots.get(run);
      const numbers = this._numbers.get(run) ?? null;
      return slot === undefined ? [] : [{ run, name, slot, numbers }];
    });
  }

  /** Draw a run, or leave it out. */
  tick(run: number, on: boolean): void {
    this._chosen.set(run, on);
    this._choose();
    this._changed();
  }

  /** Take the game as it stands now; null forgets all numbers, another team's game the rest too. */
  follow(game: IGame | null): void {
    if (!game) {
      this._numbers.clear();
      this._questions.clear();
    } else if (
      this._game &&
      (game.pack !== this._game.pack || game.team !== this._game.team)
    ) {
      for (const each of [this._numbers, this._questions, this._chosen]) {
        each.clear();
      }
      this._slots.clear();
    }
    this._game = game ?? this._game;
    this._candidates = game ? candidatesOf(game) : [];
    this._choose();
  }

  /** Have the numbers told that are drawn and that have changed. */
  want(): void {
    const now = Date.now();
    const waits: number[] = [];
    for (const { run, stage, hindrance } of this._candidates) {
      const last = this._questions.get(run);
      if (
        hindrance ||
        !this._slots.has(run) ||
        !this._game ||
        last?.stage === stage ||
        last?.open
      ) {
        continue;
      }
      const wait = last ? last.time + PAUSE - now : 0;
      if (wait > 0) {
        waits.push(wait);
      } else {
        this._questions.set(run, { stage, time: now, open: true });
        this._ask(curves(this._game, run));
      }
    }
    if (waits.length && this._timer === null) {
      // What is drawn then asks again, if it is still on the page.
      this._timer = setTimeout(
        () => {
          this._timer = null;
          this._changed();
        },
        Math.min(...waits)
      );
    }
  }

  /** Take the answer to a question; throws an error for what was not asked. */
  take({ pack, team, run, curves, edits }: INumbersTold): void {
    const question = this._questions.get(run);
    if (
      !question?.open ||
      pack !== this._game?.pack ||
      team !== this._game.team
    ) {
      throw new Error(`nobody asked for run ${run} of that team`);
    }
    question.open = false;
    this._numbers.set(run, { curves, edits });
    this._changed();
  }

  /** Expect no answer any more to what was asked; it is asked again. */
  forgetQuestions(): void {
    this._questions.clear();
  }

  /** Give the runs that are drawn now a slot, and keep those that have one. */
  private _choose(): void {
    const newest = this._newest();
    const chosen = this._candidates
      .filter(({ run, hindrance }) =>
        run === newest
          ? (this._chosen.get(run) ?? true)
          : this._chosen.get(run) && !hindrance
      )
      .map(({ run }) => run);
    for (const run of [...this._slots.keys()]) {
      if (!chosen.includes(run)) {
        this._slots.delete(run);
      }
    }
    for (const run of chosen) {
      if (!this._slots.has(run) && this.hasRoom) {
        const taken = [...this._slots.values()];
        const slots = Array.from({ length: MOST_DRAWN }, (_, slot) => slot);
        this._slots.set(run, slots.find(slot => !taken.includes(slot)) ?? 0);
      }
    }
  }

  /** The newest run under way, or else the newest that can be drawn. */
  private _newest(): number | undefined {
    const runs = (this._game?.under_way ?? []).map(({ run }) => run);
    const others = this._candidates.filter(({ hindrance }) => !hindrance);
    return runs.length ? Math.max(...runs) : others[others.length - 1]?.run;
  }

  /** Tells it from those of other kernels. */
  readonly id = Comparison._count++;

  private static _count = 0;
  private _game: IGame | null = null;
  private _candidates: ICandidate[] = [];
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private readonly _chosen = new Map<number, boolean>();
  private readonly _slots = new Map<number, number>();
  private readonly _numbers = new Map<number, INumbers>();
  private readonly _questions = new Map<
    number,
    { stage: string; time: number; open: boolean }
  >();
}
