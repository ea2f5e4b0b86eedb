import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';

import type { LabSync } from './kernel/labSync';
import { currentRun } from './messages/gameState';

/** The ids of the commands. */
export const Commands = {
  showPanel: 'classgame:show-panel',
  startGame: 'classgame:start',
  openShop: 'classgame:open-shop',
  insertRecipe: 'classgame:insert-recipe',
  pauseRun: 'classgame:pause-run',
  stopRun: 'classgame:stop-run'
} as const;

/** The arguments of a command that takes none. */
const NO_ARGUMENTS = { type: 'object', properties: {} } as const;

/**
 * Add the commands; each is enabled while it has something to act on.
 *
 * @param commands - The commands of the application.
 * @param labSync - The game to act on.
 * @param showPanel - Brings the side panel to the front.
 */
export function addCommands(
  commands: JupyterFrontEnd['commands'],
  labSync: LabSync,
  showPanel: () => void
): void {
  const underWay = () => labSync.game && currentRun(labSync.game);

  commands.addCommand(Commands.showPanel, {
    label: 'Show the Class Game',
    caption: 'Wallet, items, runs and the last verdict',
    describedBy: { args: NO_ARGUMENTS },
    execute: showPanel
  });
  commands.addCommand(Commands.startGame, {
    label: 'Start a Game Here',
    caption: 'Start a game and insert the cells of the baseline',
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => labSync.hasNotebook && !labSync.game,
    execute: async () => {
      labSync.insertCode(labSync.startCode);
      await commands.execute('notebook:run-cell');
    }
  });
  commands.addCommand(Commands.openShop, {
    label: 'Insert a Cell That Opens the Shop',
    caption: 'Insert %shop below the active cell; nothing is run',
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => labSync.hasNotebook,
    execute: () => labSync.insertCode('%shop')
  });
  commands.addCommand(Commands.insertRecipe, {
    label: 'Insert Recipe…',
    caption: "Insert an owned item's recipe below the active cell",
    describedBy: {
      args: {
        type: 'object',
        properties: {
          slug: { type: 'string', description: 'The item; asked for if absent' }
        }
      }
    },
    isEnabled: () => Boolean(labSync.game?.owned.length),
    execute: async args => {
      const slug =
        typeof args.slug === 'string' ? args.slug : await chooseItem(labSync);
      if (slug) {
        labSync.insertRecipe(slug);
      }
    }
  });
  commands.addCommand(Commands.pauseRun, {
    label: () => (underWay()?.paused ? 'Resume the Run' : 'Pause the Run'),
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => Boolean(underWay()),
    execute: () => {
      const run = underWay();
      if (run) {
        labSync.controlRun(run.run, run.paused ? 'resume' : 'pause');
      }
    }
  });
  commands.addCommand(Commands.stopRun, {
    label: 'Stop the Run',
    caption: 'Stop after this batch; what was trained is kept',
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => Boolean(underWay()),
    execute: () => {
      const run = underWay();
      if (run) {
        labSync.controlRun(run.run, 'stop');
      }
    }
  });
  labSync.changed.connect(() => {
    for (const id of Object.values(Commands)) {
      commands.notifyCommandChanged(id);
    }
  });
}

/** Let the user choose an owned item; undefined if the dialog is cancelled. */
async function chooseItem(labSync: LabSync): Promise<string | undefined> {
  const owned = labSync.game?.owned ?? [];
  const { button, value } = await InputDialog.getItem({
    title: 'Insert the recipe of',
    items: owned.map(item => item.name),
    okLabel: 'Insert'
  });
  return button.accept
    ? owned.find(item => item.name === value)?.slug
    : undefined;
}
