import type { IGame, IRun, IUnderWay } from './game';

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** A price or a balance with its unit. */
export function amount(value: number): string {
  return `${NUMBER.format(value)} B NN`;
}

/** An accuracy as people say it. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The newest run that is not over. */
export function goingRun(game: IGame): IUnderWay | undefined {
  return [...game.under_way].reverse().find(run => !run.finished);
}

/** How far a run is. */
export function progressText(run: IUnderWay): string {
  const epoch = `epoch ${run.epoch} of ${run.epochs}`;
  if (run.finished) {
    return 'finished';
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
  ['never', 'never ended']
]);

/** How a run ended, if it was not by its last epoch. */
export function endingText({ ended }: IRun): string {
  return ENDINGS.get(ended) ?? ended;
}

/** A name that keeps its direction of writing to itself, so that no number beside it moves. */
function isolated(name: string): string {
  return /^[\u0020-\u024f]*$/.test(name) ? name : `\u2068${name}\u2069`;
}

/** A game in a line: what is played, what is left, and the run that goes on. */
export function statusText(game: IGame): string {
  const money = game.practice ? 'practice' : amount(game.balance);
  const run = goingRun(game);
  return [
    isolated(game.title),
    money,
    ...(run ? [progressText(run)] : [])
  ].join(' · ');
}

const LOSS = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** A loss or a learning rate, to four digits. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return size && (size < 0.001 || size >= 1e5)
    ? Number(value.toPrecision(3)).toExponential()
    : LOSS.format(value);
}
