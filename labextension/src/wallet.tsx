import * as React from 'react';

import type { IGame } from './game';
import { Bar } from './parts';
import { amount } from './text';

/** What is left to spend. */
export function Wallet({ game }: { game: IGame }): React.ReactElement {
  if (game.practice) {
    return (
      <p className="jp-Classgame-wallet">
        Practice: everything may be used, nothing is ranked.
      </p>
    );
  }
  const left = amount(game.balance);
  const of = amount(game.budget);
  const share = game.budget > 0 ? game.balance / game.budget : 0;
  return (
    <section className="jp-Classgame-wallet" aria-label="Wallet">
      <div>
        <strong className="jp-Classgame-left">{left}</strong> left of {of}
      </div>
      <Bar
        role="meter"
        share={share}
        label="Left in the wallet"
        text={`${left} of ${of}`}
      />
    </section>
  );
}
