import type { IDrawn } from './comparison';
import type { Name } from './numbers';
import { positive } from './plot';
import type { Curve } from './reader';
import { figure, percent } from './text';

/** What the chart can show. */
export interface IMeasure {
  /** Its name on the button. */
  label: string;
  /** The curves of a run; the first is drawn thick, the second thin. */
  curves: readonly { name: Name; label: string }[];
  /** How a value is written out, and how beside the axis. */
  write: (value: number) => string;
  tick: (value: number) => string;
  /** Whether it can have a logarithmic axis. */
  log: boolean;
}

export const MEASURES = {
  acc: {
    label: 'Accuracy',
    curves: [
      { name: 'val_acc', label: 'validation' },
      { name: 'train_acc', label: 'training' }
    ],
    write: percent,
    tick: share => `${Number((100 * share).toPrecision(4))} %`,
    log: false
  },
  loss: {
    label: 'Loss',
    curves: [
      { name: 'val_loss', label: 'validation' },
      { name: 'train_loss', label: 'training' }
    ],
    write: figure,
    tick: figure,
    log: true
  },
  lr: {
    label: 'Learning rate',
    curves: [{ name: 'lr', label: 'learning rate' }],
    write: figure,
    tick: figure,
    log: true
  }
} as const satisfies Record<string, IMeasure>;

export type MeasureName = keyof typeof MEASURES;

/** A curve on the page. */
export interface ILine {
  label: string;
  thin: boolean;
  points: Curve;
}

/** A run on the page: its curves in this measure. */
export interface IDrawing extends IDrawn {
  lines: readonly ILine[];
}

/**
 * Give what is drawn of some runs.
 *
 * @param runs - With their numbers, as far as they are known.
 * @param measure - What is shown of them.
 * @param log - Whether only values above zero have a place.
 * @returns The runs, and how many values have no place.
 */
export function drawingsOf(
  runs: readonly IDrawn[],
  measure: IMeasure,
  log: boolean
): { drawings: IDrawing[]; left: number } {
  let left = 0;
  const drawings = runs.map(run => ({
    ...run,
    lines: measure.curves.map(({ name, label }, index) => {
      const all = run.numbers?.curves[name] ?? [];
      const points = log ? positive(all) : all;
      left += all.length - points.length;
      return { label, thin: index > 0, points };
    })
  }));
  return { drawings, left };
}

/** The curve on which a run's marks stand. */
export function mainLine({ lines }: IDrawing): Curve {
  return (lines.find(({ points }) => points.length) ?? lines[0])?.points ?? [];
}
