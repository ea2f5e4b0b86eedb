import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Desk } from './desk';
import { gameIcon } from './icon';
import { statusText } from './text';
import { GameView } from './view';

/** A widget that is drawn anew when the desk has changed, while it can be seen. */
abstract class DeskWidget extends ReactWidget {
  constructor(protected readonly desk: Desk) {
    super();
    desk.changed.connect(() => this._draw());
  }

  protected override onAfterShow(): void {
    this.update();
  }

  private _draw(): void {
    if (this.isVisible) {
      this.update();
    }
  }
}

/** The side panel: wallet, runs, items and verdict of the notebook in use. */
export class GamePanel extends DeskWidget {
  constructor(desk: Desk) {
    super(desk);
    this.id = 'jp-classgame-panel';
    this.addClass('jp-Classgame-panel');
    this.title.icon = gameIcon;
    this.title.caption = 'Class game';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Class game');
  }

  protected render(): React.ReactElement {
    const { desk } = this;
    if (desk.waiting) {
      return (
        <p className="jp-Classgame-empty">
          Waiting for the kernel of this notebook.
        </p>
      );
    }
    const deeds = {
      steer: desk.steer.bind(desk),
      insertRecipe: desk.insertRecipe.bind(desk)
    };
    return (
      <GameView game={desk.game} comparison={desk.comparison} deeds={deeds} />
    );
  }
}

/** The status bar's item: the game in a line, which opens the panel. */
export class StatusItem extends DeskWidget {
  constructor(
    desk: Desk,
    private readonly _open: () => void
  ) {
    super(desk);
    this.addClass('jp-Classgame-status');
  }

  protected render(): React.ReactElement | null {
    const { game } = this.desk;
    return (
      game && (
        <button
          type="button"
          className="jp-Classgame-statusButton"
          title={`Team ${game.team}: show the class game`}
          onClick={this._open}
        >
          {statusText(game)}
        </button>
      )
    );
  }
}
