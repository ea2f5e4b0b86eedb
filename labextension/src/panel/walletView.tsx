import * as React from 'react';

import { Bar } from '../components/bar';
import { formatAmount } from '../components/numberFormat';
import type { IGame } from '../messages/gameState';

/** The balance of the wallet. */
export function WalletView({ game }: { game: IGame }): React.ReactElement {
  if (game.practice) {
    return (
      <p className="jp-Classgame-wallet">
        Practice: everything may be used, nothing is ranked.
      </p>
    );
  }
  const left = formatAmount(game.balance);
  const budget = formatAmount(game.budget);
  const share = game.budget > 0 ? game.balance / game.budget : 0;
  return (
    <section className="jp-Classgame-wallet" aria-label="Wallet">
      <div>
        <strong className="jp-Classgame-left">{left}</strong> left of {budget}
      </div>
      <Bar
        role="meter"
        share={share}
        label="Left in the wallet"
        text={`${left} of ${budget}`}
      />
    </section>
  );
}
