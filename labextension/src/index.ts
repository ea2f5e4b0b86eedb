import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { ILSPCodeExtractorsManager } from '@jupyterlab/lsp';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';

import { Commands, addCommands } from './commands';
import { LabSync } from './kernel/labSync';
import { listenToBaselineButtons } from './notebook/baselineButtons';
import { listenToPictures } from './notebook/liveCharts';
import { GamePanel } from './panel/gamePanel';
import { orderExtractor } from './shop/orderCells';
import { orderHighlighting } from './shop/orderHighlighting';
import { clearOnEscape } from './shop/searchEscape';
import { StatusItem } from './statusBar/statusItem';

/** The panel, the status bar item and the commands. */
const game: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-classgame-labextension:game',
  description:
    'Shows the class game of the notebook in use and inserts its recipes as cells.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ILayoutRestorer, IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    statusBar: IStatusBar | null
  ): void => {
    const labSync = new LabSync(notebooks);
    const startGame = () => {
      app.commands.execute(Commands.startGame).catch(console.error);
    };
    const panel = new GamePanel(labSync, startGame);
    const showPanel = () => app.shell.activateById(panel.id);
    app.shell.add(panel, 'left', { rank: 650 });
    restorer?.add(panel, panel.id);

    clearOnEscape(document);
    listenToPictures(document, (picture, place) =>
      labSync.openChart(picture, place)
    );
    listenToBaselineButtons(document, () => {
      if (labSync.game) {
        labSync.insertBaseline();
      } else {
        startGame();
      }
    });
    addCommands(app.commands, labSync, showPanel);
    for (const command of Object.values(Commands)) {
      palette?.addItem({ command, category: 'Class Game' });
    }
    statusBar?.registerStatusItem('jupyter-classgame-labextension:status', {
      item: new StatusItem(labSync, showPanel),
      align: 'left',
      rank: 4,
      isActive: () => labSync.game !== null,
      activeStateChanged: labSync.changed
    });
  }
};

/** The highlighting of `%%shop` cells, and their exclusion from language servers. */
const orders: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-classgame-labextension:orders',
  description: 'Shows %%shop cells as the orders they are, not as Python.',
  autoStart: true,
  optional: [IEditorExtensionRegistry, ILSPCodeExtractorsManager],
  activate: (
    _app: JupyterFrontEnd,
    editors: IEditorExtensionRegistry | null,
    extractors: ILSPCodeExtractorsManager | null
  ): void => {
    editors?.addExtension({
      name: 'jupyter-classgame-labextension:orders',
      factory: ({ model }) => ({
        instance: () => orderHighlighting(model.sharedModel.getSource()),
        reconfigure: () => null
      })
    });
    extractors?.register(orderExtractor, null);
  }
};

export default [game, orders];
