import type { IEndedRun, IRunUnderWay } from '../messages/gameState';

/** Describe the progress of a run. */
export function progressText(run: IRunUnderWay): string {
  const epoch = `epoch ${run.epoch} of ${run.epochs}`;
  if (run.finished) {
    return failed(run) ? 'failed' : 'finished';
  }
  if (run.stopping) {
    return `${epoch} · stopping`;
  }
  return run.paused ? `${epoch} · paused` : epoch;
}

const ENDINGS = new Map([
  ['epochs', ''],
  ['user', 'stopped by hand'],
  ['patience', 'stopped early'],
  ['nan', 'the loss was not finite'],
  ['error', 'ended by an error'],
  ['never', 'not ended']
]);

/** Whether a run was ended by an error, or by a loss that is not finite. */
export function failed({ ended }: { ended: string }): boolean {
  return ended === 'nan' || ended === 'error';
}

/** Describe how a run ended; empty if it completed its last epoch. */
export function endingText({ ended }: IEndedRun): string {
  return ENDINGS.get(ended) ?? ended;
}
