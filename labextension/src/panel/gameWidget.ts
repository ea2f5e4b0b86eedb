import { ReactWidget } from '@jupyterlab/ui-components';

import type { LabSync } from '../kernel/labSync';

/** A widget about the current game; it is rendered after every change while it is visible. */
export abstract class GameWidget extends ReactWidget {
  constructor(protected readonly labSync: LabSync) {
    super();
    labSync.changed.connect(() => this._updateIfVisible());
  }

  protected override onAfterShow(): void {
    this.update();
  }

  private _updateIfVisible(): void {
    if (this.isVisible) {
      this.update();
    }
  }
}
