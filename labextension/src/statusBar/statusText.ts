import { formatAmount } from '../components/numberFormat';
import { currentRun, type IGame } from '../messages/gameState';
import { progressText } from '../panel/runText';

/** The game in a line: its title, the balance, and the progress of the current run. */
export function statusText(game: IGame): string {
  const money = game.practice ? 'practice' : formatAmount(game.balance);
  const run = currentRun(game);
  return [
    isolated(game.title),
    money,
    ...(run ? [progressText(run)] : [])
  ].join(' · ');
}

/** Isolate the writing direction of a title, so that the numbers beside it stay in place. */
function isolated(title: string): string {
  return /^[\u0020-\u024f]*$/.test(title) ? title : `\u2068${title}\u2069`;
}
