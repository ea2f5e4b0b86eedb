import type { IComparedRun } from '../../src/chart/runComparison';
import { FieldReader } from '../../src/messages/fieldReader';
import { parseRunNumbers } from '../../src/messages/runCurves';
import { numbersOf } from '../messageSamples';

/** One run in the chart, with some of its numbers changed. */
export function comparedRuns(
  changes: Record<string, unknown> = {},
  name = 'run 3: model'
): IComparedRun[] {
  const numbers = new FieldReader(numbersOf(changes), 'numbers');
  return [{ run: 3, name, slot: 2, numbers: parseRunNumbers(numbers) }];
}
