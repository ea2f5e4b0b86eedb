import * as React from 'react';

import { ChartSection } from '../chart/chartSection';
import { RunCheckbox } from '../chart/runCheckbox';
import type { RunComparison } from '../chart/runComparison';
import { Button } from '../components/button';
import { Section } from '../components/section';
import type { IGame } from '../messages/gameState';
import type { RunAction } from '../messages/messageSchema';
import { OwnedItemsView } from './ownedItemsView';
import { RunListView } from './runListView';
import { RunProgressView } from './runProgressView';
import { VerdictView } from './verdictView';
import { WalletView } from './walletView';

/** The actions that the panel offers. */
export interface IPanelActions {
  controlRun: (run: number, action: RunAction) => void;
  insertRecipe: (slug: string) => void;
  /** Absent without a notebook to start a game in. */
  startGame?: () => void;
}

/** The content of the panel; React escapes every text. */
export function GameView(props: {
  game: IGame | null;
  comparison: RunComparison | null;
  startCode: string;
  actions: IPanelActions;
}): React.ReactElement {
  const { game, comparison, startCode, actions } = props;
  if (!game || !comparison) {
    return (
      <div className="jp-Classgame-empty">
        <p>No game is played in this notebook.</p>
        {actions.startGame && (
          <Button label="Start a game here" onClick={actions.startGame} />
        )}
        <p>Or in a cell:</p>
        <pre>{startCode}</pre>
      </div>
    );
  }
  const checkbox = (run: number) => (
    <RunCheckbox run={run} comparison={comparison} />
  );
  const listed = game.runs.map(({ run }) => run);
  return (
    <>
      <header className="jp-Classgame-head">
        <h2>{game.title}</h2>
        <span>team {game.team}</span>
      </header>
      <WalletView game={game} />
      {game.under_way.map(run => (
        <RunProgressView
          key={run.run}
          run={run}
          controlRun={actions.controlRun}
        >
          {!listed.includes(run.run) && checkbox(run.run)}
        </RunProgressView>
      ))}
      {(game.runs.length > 0 || game.under_way.length > 0) && (
        <ChartSection comparison={comparison} />
      )}
      <Section title="Runs, best first" count={game.run_count}>
        <RunListView
          runs={game.runs}
          count={game.run_count}
          shownAbove={game.under_way.map(({ run }) => run)}
          checkbox={checkbox}
        />
      </Section>
      <Section title="Owned" count={game.owned.length}>
        <OwnedItemsView game={game} insertRecipe={actions.insertRecipe} />
      </Section>
      {game.verdict && (
        <Section title="Last verdict">
          <VerdictView verdict={game.verdict} />
        </Section>
      )}
    </>
  );
}
