import * as React from 'react';

import type { LabSync } from '../kernel/labSync';
import { gameIcon } from './gameIcon';
import { GameView } from './gameView';
import { GameWidget } from './gameWidget';

/** The side panel with the game of the current notebook. */
export class GamePanel extends GameWidget {
  /**
   * @param labSync - What it shows.
   * @param _startGame - Starts a game in the current notebook.
   */
  constructor(
    labSync: LabSync,
    private readonly _startGame: () => void
  ) {
    super(labSync);
    this.id = 'jp-classgame-panel';
    this.addClass('jp-Classgame-panel');
    this.title.icon = gameIcon;
    this.title.caption = 'Class game';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Class game');
  }

  protected render(): React.ReactElement {
    const { labSync } = this;
    if (labSync.waiting) {
      return (
        <p className="jp-Classgame-empty">
          Waiting for the kernel of this notebook.
        </p>
      );
    }
    const actions = {
      controlRun: labSync.controlRun.bind(labSync),
      insertRecipe: labSync.insertRecipe.bind(labSync),
      startGame: labSync.hasNotebook ? this._startGame : undefined
    };
    return (
      <GameView
        game={labSync.game}
        startCode={labSync.startCode}
        comparison={labSync.comparison}
        actions={actions}
      />
    );
  }
}
