import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

import { Connection } from './connection';
import { findNotebook, insertCell } from './insert';

const recipes: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-classgame-labextension:recipes',
  description: 'Inserts a recipe of the class game as a new notebook cell.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, notebooks: INotebookTracker): void => {
    const connections = new WeakMap<Kernel.IKernelConnection, Connection>();

    const connect = ({ sessionContext }: NotebookPanel): void => {
      const kernel = sessionContext.session?.kernel;
      // Of several connections to one kernel, one alone handles comms.
      if (!kernel?.handleComms || connections.has(kernel)) {
        return;
      }
      const insert = (code: string) =>
        insertCell(findNotebook(notebooks, kernel.id), code);
      connections.set(kernel, new Connection(kernel, insert));
    };

    const follow = (panel: NotebookPanel): void => {
      panel.sessionContext.kernelChanged.connect(() => connect(panel));
      connect(panel);
    };

    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};

export default recipes;
