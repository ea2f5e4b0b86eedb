import type { IGame, IRunUnderWay } from '../messages/gameState';
import {
  curvesRequest,
  type CurvesRequest,
  type ICurvesMessage
} from '../messages/messageSchema';
import type { IRunNumbers } from '../messages/runCurves';

/** Most runs in the chart at a time: each has its own colour and dash. */
export const MAX_DRAWN = 6;

/** Least milliseconds between two requests for the numbers of one run. */
const REQUEST_PAUSE = 1000;

/** A run that can be selected for the chart. */
export interface IRunCandidate {
  run: number;
  name: string;
  /** Changes whenever the run's numbers have changed. */
  stage: string;
  /** Why the run cannot be drawn; empty if it can. */
  unavailable: string;
}

/** A run in the chart. */
export interface IComparedRun {
  run: number;
  name: string;
  /** The number of its colour and dash. */
  slot: number;
  /** Null until they have arrived. */
  numbers: IRunNumbers | null;
}

/** Return the runs of a game by ascending run number. */
export function candidatesOf(game: IGame): IRunCandidate[] {
  const found = new Map<number, IRunCandidate>();
  for (const { run, label, epochs, drawable } of game.runs) {
    const withoutCurve = epochs
      ? 'its numbers were not kept'
      : 'it finished no epoch';
    found.set(run, {
      run,
      name: `run ${run}: ${label}`,
      stage: 'over',
      unavailable: drawable ? '' : withoutCurve
    });
  }
  for (const each of game.under_way) {
    found.set(each.run, {
      run: each.run,
      name: each.label,
      stage: stageOf(each),
      unavailable: each.curve.length ? '' : 'its first epoch is not over yet'
    });
  }
  return [...found.values()].sort((one, other) => one.run - other.run);
}

function stageOf({ curve, edits, finished }: IRunUnderWay): string {
  return finished ? 'over' : `${curve[curve.length - 1]?.[0]} ${edits}`;
}

/**
 * The runs of a kernel's game that the chart compares, and their numbers.
 *
 * Only `requestNumbers` requests numbers; the chart calls it whenever it is rendered. They are
 * requested for a run that was added to the chart, and for a run under way that has progressed.
 * There is one open request at a time for a run, and a pause between two.
 */
export class RunComparison {
  /**
   * @param send - Sends a request to the kernel.
   * @param changed - Called when the chart has to be rendered again.
   */
  constructor(
    private readonly _send: (request: CurvesRequest) => void,
    private readonly _changed: () => void
  ) {}

  /** Whether the chart has room for another run. */
  get hasRoom(): boolean {
    return this._slots.size < MAX_DRAWN;
  }

  /** Return a run of the game; undefined if there is none of this number. */
  candidate(run: number): IRunCandidate | undefined {
    return this._candidates.find(each => each.run === run);
  }

  /** Return the number of a run's colour and dash; undefined if the run is not in the chart. */
  slot(run: number): number | undefined {
    return this._slots.get(run);
  }

  /** The runs in the chart by ascending run number; unless deselected, the newest is one. */
  get drawn(): IComparedRun[] {
    return this._candidates.flatMap(({ run, name }) => {
      const slot = this._slots.get(run);
      const numbers = this._numbers.get(run) ?? null;
      return slot === undefined ? [] : [{ run, name, slot, numbers }];
    });
  }

  /** Add a run to the chart, or remove it. */
  select(run: number, on: boolean): void {
    this._selected.set(run, on);
    this._assignSlots();
    this._changed();
  }

  /**
   * Update the runs to the current state of the game.
   *
   * Without a game all numbers are forgotten; at a game of another team or pack the selection too.
   */
  update(game: IGame | null): void {
    if (!game) {
      this._numbers.clear();
      this._requests.clear();
    } else if (
      this._game &&
      (game.pack !== this._game.pack || game.team !== this._game.team)
    ) {
      for (const each of [this._numbers, this._requests, this._selected]) {
        each.clear();
      }
      this._slots.clear();
    }
    this._game = game ?? this._game;
    this._candidates = game ? candidatesOf(game) : [];
    this._assignSlots();
  }

  /** Request the numbers of the runs in the chart that are missing or have changed. */
  requestNumbers(): void {
    const now = Date.now();
    const waitingTimes: number[] = [];
    for (const { run, stage, unavailable } of this._candidates) {
      const last = this._requests.get(run);
      if (
        unavailable ||
        !this._slots.has(run) ||
        !this._game ||
        last?.stage === stage ||
        last?.open
      ) {
        continue;
      }
      const wait = last ? last.time + REQUEST_PAUSE - now : 0;
      if (wait > 0) {
        waitingTimes.push(wait);
      } else {
        this._requests.set(run, { stage, time: now, open: true });
        this._send(curvesRequest(this._game, run));
      }
    }
    if (waitingTimes.length && this._timer === null) {
      // The chart is rendered then and requests again, if it is still on the page.
      this._timer = setTimeout(
        () => {
          this._timer = null;
          this._changed();
        },
        Math.min(...waitingTimes)
      );
    }
  }

  /** Store the answer to a request; throws an error if there was no such request. */
  receive({ pack, team, run, curves, edits }: ICurvesMessage): void {
    const request = this._requests.get(run);
    if (
      !request?.open ||
      pack !== this._game?.pack ||
      team !== this._game.team
    ) {
      throw new Error(`nobody asked for run ${run} of that team`);
    }
    request.open = false;
    this._numbers.set(run, { curves, edits });
    this._changed();
  }

  /** Forget the requests without an answer, so that the numbers are requested again. */
  forgetRequests(): void {
    this._requests.clear();
  }

  /** Assign a slot to the runs that belong in the chart; those that have one keep it. */
  private _assignSlots(): void {
    const newest = this._newest();
    const selected = this._candidates
      .filter(({ run, unavailable }) =>
        run === newest
          ? (this._selected.get(run) ?? true)
          : this._selected.get(run) && !unavailable
      )
      .map(({ run }) => run);
    for (const run of [...this._slots.keys()]) {
      if (!selected.includes(run)) {
        this._slots.delete(run);
      }
    }
    for (const run of selected) {
      if (!this._slots.has(run) && this.hasRoom) {
        const taken = [...this._slots.values()];
        const slots = Array.from({ length: MAX_DRAWN }, (_, slot) => slot);
        this._slots.set(run, slots.find(slot => !taken.includes(slot)) ?? 0);
      }
    }
  }

  /** Return the newest run under way, else the newest that can be drawn. */
  private _newest(): number | undefined {
    const runs = (this._game?.under_way ?? []).map(({ run }) => run);
    const others = this._candidates.filter(({ unavailable }) => !unavailable);
    return runs.length ? Math.max(...runs) : others[others.length - 1]?.run;
  }

  /** Differs from those of other kernels. */
  readonly id = RunComparison._count++;

  private static _count = 0;
  private _game: IGame | null = null;
  private _candidates: IRunCandidate[] = [];
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private readonly _selected = new Map<number, boolean>();
  private readonly _slots = new Map<number, number>();
  private readonly _numbers = new Map<number, IRunNumbers>();
  private readonly _requests = new Map<
    number,
    { stage: string; time: number; open: boolean }
  >();
}
