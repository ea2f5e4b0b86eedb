import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';

import type { Desk } from './desk';
import { goingRun } from './text';

/** The commands, by what they do. */
export const Commands = {
  showPanel: 'classgame:show-panel',
  openShop: 'classgame:open-shop',
  insertRecipe: 'classgame:insert-recipe',
  pauseRun: 'classgame:pause-run',
  stopRun: 'classgame:stop-run'
} as const;

/** A command that takes no arguments. */
const NONE = { type: 'object', properties: {} } as const;

/**
 * Add the commands; each is enabled where it has something to act on.
 *
 * @param commands - The application's commands.
 * @param desk - The game they act on.
 * @param showPanel - Brings the side panel to the front.
 */
export function addCommands(
  commands: JupyterFrontEnd['commands'],
  desk: Desk,
  showPanel: () => void
): void {
  const going = () => desk.game && goingRun(desk.game);

  commands.addCommand(Commands.showPanel, {
    label: 'Show the Class Game',
    caption: 'Wallet, items, runs and the last verdict',
    describedBy: { args: NONE },
    execute: showPanel
  });
  commands.addCommand(Commands.openShop, {
    label: 'Insert a Cell That Opens the Shop',
    caption: 'Insert %shop below the active cell; nothing is run',
    describedBy: { args: NONE },
    isEnabled: () => desk.hasNotebook,
    execute: () => desk.insert('%shop')
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
    isEnabled: () => Boolean(desk.game?.owned.length),
    execute: async args => {
      const slug =
        typeof args.slug === 'string' ? args.slug : await chooseItem(desk);
      if (slug) {
        desk.insertRecipe(slug);
      }
    }
  });
  commands.addCommand(Commands.pauseRun, {
    label: () => (going()?.paused ? 'Resume the Run' : 'Pause the Run'),
    describedBy: { args: NONE },
    isEnabled: () => Boolean(going()),
    execute: () => {
      const run = going();
      if (run) {
        desk.steer(run.run, run.paused ? 'resume' : 'pause');
      }
    }
  });
  commands.addCommand(Commands.stopRun, {
    label: 'Stop the Run',
    caption: 'Stop after this batch; what was trained is kept',
    describedBy: { args: NONE },
    isEnabled: () => Boolean(going()),
    execute: () => {
      const run = going();
      if (run) {
        desk.steer(run.run, 'stop');
      }
    }
  });
  desk.changed.connect(() => {
    for (const id of Object.values(Commands)) {
      commands.notifyCommandChanged(id);
    }
  });
}

/** Ask which item's recipe is wanted. */
async function chooseItem(desk: Desk): Promise<string | undefined> {
  const owned = desk.game?.owned ?? [];
  const { button, value } = await InputDialog.getItem({
    title: 'Insert the recipe of',
    items: owned.map(item => item.name),
    okLabel: 'Insert'
  });
  return button.accept
    ? owned.find(item => item.name === value)?.slug
    : undefined;
}
