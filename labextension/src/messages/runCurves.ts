/** The curves and the edits of one run for the chart, and their check. Independent of JupyterLab. */

import type { Curve, FieldReader } from './fieldReader';

/** The curves of a run. */
export type CurveName =
  'train_loss' | 'val_loss' | 'train_acc' | 'val_acc' | 'lr';

/** A change that was made by hand during a run: after how many epochs, and what. */
export type HandEdit = readonly [epoch: number, text: string];

/** The numbers of a run: its curves by name, and its edits by hand. */
export interface IRunNumbers {
  curves: Readonly<Record<CurveName, Curve>>;
  edits: readonly HandEdit[];
}

/** Most points of a curve, and most edits. */
const MAX = { points: 200, edits: 20 };

/**
 * Check the numbers of a run.
 *
 * @param message - The message with the fields `curves` and `edits`.
 * @returns The known curves, each in the order of its epochs, without any other fields.
 * @throws {Error} If a field is invalid; the message names the first one.
 */
export function parseRunNumbers(message: FieldReader): IRunNumbers {
  const fields = message.inner('curves');
  const curve = (name: CurveName): Curve => {
    const points = fields.curve(name, MAX.points);
    points.forEach(([epoch, value], index) => {
      const previous = index ? (points[index - 1]?.[0] ?? 0) : 0;
      if (!Number.isSafeInteger(epoch) || epoch <= previous) {
        throw new Error(`${name} is not in the order of whole epochs from 1`);
      }
      if (name.endsWith('acc') && (value < 0 || value > 1)) {
        throw new Error(`${name} is not an accuracy from 0 to 1`);
      }
    });
    return points;
  };
  const edits = message.remarks('edits', MAX.edits);
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
