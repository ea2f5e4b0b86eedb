import * as React from 'react';

import { Chart } from './chart';
import type { Comparison } from './comparison';
import type { IGame } from './game';
import { Owned } from './owned';
import { Section } from './parts';
import type { Action } from './protocol';
import { Runs } from './runs';
import { Tick } from './tick';
import { UnderWay } from './underway';
import { Verdict } from './verdict';
import { Wallet } from './wallet';

/** What can be asked for in the panel. */
export interface IDeeds {
  steer: (run: number, action: Action) => void;
  insertRecipe: (slug: string) => void;
}

/** The panel's content; React puts every text there as text. */
export function GameView(props: {
  game: IGame | null;
  comparison: Comparison | null;
  deeds: IDeeds;
}): React.ReactElement {
  const { game, comparison, deeds } = props;
  if (!game || !comparison) {
    return (
      <p className="jp-Classgame-empty">
        No game is played in this notebook. Begin one in a cell:{' '}
        <code>%classgame new digits</code>
      </p>
    );
  }
  const tick = (run: number) => <Tick run={run} comparison={comparison} />;
  const listed = game.runs.map(({ run }) => run);
  return (
    <>
      <header className="jp-Classgame-head">
        <h2>{game.title}</h2>
        <span>team {game.team}</span>
      </header>
      <Wallet game={game} />
      {game.under_way.map(run => (
        <UnderWay key={run.run} run={run} steer={deeds.steer}>
          {!listed.includes(run.run) && tick(run.run)}
        </UnderWay>
      ))}
      {(game.runs.length > 0 || game.under_way.length > 0) && (
        <Chart comparison={comparison} />
      )}
      <Section title="Runs, best first" count={game.runs.length}>
        <Runs runs={game.runs} tick={tick} />
      </Section>
      <Section title="Owned" count={game.owned.length}>
        <Owned game={game} insertRecipe={deeds.insertRecipe} />
      </Section>
      {game.verdict && (
        <Section title="Last verdict">
          <Verdict verdict={game.verdict} />
        </Section>
      )}
    </>
  );
}
