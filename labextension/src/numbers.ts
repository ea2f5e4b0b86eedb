/** A run's numbers, as the kernel tells them, and the check of what came. */

import type { Curve, Reader } from './reader';

/** What can be drawn of a run. */
export const NAMES = [
  'train_loss',
  'val_loss',
  'train_acc',
  'val_acc',
  'lr'
] as const;

export type Name = (typeof NAMES)[number];

/** How many epochs were done, and what was changed by hand. */
export type Edit = readonly [epoch: number, text: string];

/** Curves by their names, and the edits by hand. */
export interface INumbers {
  curves: Readonly<Record<Name, Curve>>;
  edits: readonly Edit[];
}

/** The most points of a curve, and the most edits. */
const MAX = { points: 120, edits: 20 };

/**
 * Check a run's numbers.
 *
 * @param told - What came, with `curves` and `edits`.
 * @returns The known curves, each in the order of its epochs, and no others.
 * @throws {Error} If they are no such thing, with the first reason.
 */
export function parseNumbers(told: Reader): INumbers {
  const inner = told.inner('curves');
  const curve = (name: Name): Curve => {
    const found = inner.curve(name, MAX.points);
    found.forEach(([epoch, value], index) => {
      const former = index ? (found[index - 1]?.[0] ?? 0) : 0;
      if (!Number.isSafeInteger(epoch) || epoch <= former) {
        throw new Error(`${name} is not in the order of whole epochs from 1`);
      }
      if (name.endsWith('acc') && (value < 0 || value > 1)) {
        throw new Error(`${name} is not an accuracy from 0 to 1`);
      }
    });
    return found;
  };
  const edits = told.remarks('edits', MAX.edits);
  if (edits.some(([epoch]) => epoch < 0)) {
    throw new Error('an edit is before the first epoch');
  }
  return {
    curves: {
      train_loss: curve('train_loss'),
      val_loss: curve('val_loss'),
      train_acc: curve('train_acc'),
      val_acc: curve('val_acc'),
      lr: curve('lr')
    },
    edits
  };
}
