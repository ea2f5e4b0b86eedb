import * as React from 'react';

import type { LabSync } from '../kernel/labSync';
import { GameWidget } from '../panel/gameWidget';
import { statusText } from './statusText';

/** The item of the status bar: the game in a line, as a button that opens the panel. */
export class StatusItem extends GameWidget {
  constructor(
    labSync: LabSync,
    private readonly _showPanel: () => void
  ) {
    super(labSync);
    this.addClass('jp-Classgame-status');
  }

  protected render(): React.ReactElement | null {
    const { game } = this.labSync;
    return (
      game && (
        <button
          type="button"
          className="jp-Classgame-statusButton"
          title={`Team ${game.team}: show the class game`}
          onClick={this._showPanel}
        >
          {statusText(game)}
        </button>
      )
    );
  }
}
