import type { INotebookTracker } from '@jupyterlab/notebook';

import type { ICellOutputs } from './outputReplacement';
import { replaceInCell } from './outputReplacement';

/** What the places of the charts of runs begin with. */
const CHART = 'classgame-run-';

const WIDGET = 'application/vnd.jupyter.widget-view+json';

/** The node of an output, beside its prompt. */
const OUTPUT = '.jp-OutputArea-output';

/** What ipywidgets calls the node of a widget that it does not have. */
const FAILED = 'jupyter-widgets';

/** The part of an output's node that is used here. */
export type IShown = Pick<Element, 'childElementCount'> & {
  readonly classList: Pick<DOMTokenList, 'contains'>;
};

/** The part of the outputs on the page that is used here. */
interface IShownOutputs {
  readonly widgets: readonly {
    readonly node: Pick<ParentNode, 'querySelector'>;
  }[];
}

const RUNNING =
  'This run goes on. The panel Class game shows it, with Pause and Stop; its picture appears here when it has ended.';
const GONE =
  'The kernel of this run is gone. Run the cells that make its objects, then %train --resume goes on with it if it was cut off.';

/**
 * Say in the place of each chart that this page has no widget for where its run can be seen.
 *
 * A page that is loaded while a run goes on has its chart from the saved notebook; its widget comes
 * when the cell has ended, and never if the kernel has.
 *
 * @param notebooks - The open notebooks.
 * @param kernelId - The id of the kernel.
 * @param running - Whether a run of this kernel is under way.
 * @param among - The places of the charts to look at; null for all of them.
 * @returns The places of those that may have to be explained yet: a cell that is far from what is
 *   seen of a notebook is not on the page.
 */
export function explainLostCharts(
  notebooks: Pick<INotebookTracker, 'forEach'>,
  kernelId: string,
  running: boolean,
  among: ReadonlySet<string> | null
): Set<string> {
  const left = new Set<string>();
  notebooks.forEach(({ sessionContext, content }) => {
    if (sessionContext.session?.kernel?.id !== kernelId) {
      return;
    }
    for (const cell of content.widgets) {
      const { outputs } = cell.model as { outputs?: ICellOutputs };
      const { outputArea } = cell as { outputArea?: IShownOutputs };
      for (const [index, place] of outputs ? chartsIn(outputs) : []) {
        if (!outputs || !(among?.has(place) ?? true)) {
          continue;
        }
        const shown = outputArea?.widgets[index]?.node.querySelector(OUTPUT);
        const plain = shown ? reasonOf(shown, running) : '';
        if (plain) {
          replaceInCell(outputs, { place, html: `<div>${plain}</div>`, plain });
        } else {
          left.add(place);
        }
      }
    }
  });
  return left;
}

/**
 * Say why a chart is shown without its widget; empty if it has it, or may get it yet.
 *
 * @param shown - Where ipywidgets puts the widget once it has it; it marks a place of its own where
 *   it can have none.
 * @param running - Whether a run is under way.
 */
export function reasonOf(shown: IShown, running: boolean): string {
  if (shown.childElementCount) {
    return '';
  }
  return shown.classList.contains(FAILED) ? GONE : running ? RUNNING : '';
}

/** The charts, as widgets, among the outputs of one cell: each one's index and its place. */
function chartsIn(outputs: ICellOutputs): [number, string][] {
  const places: [number, string][] = [];
  for (let index = 0; index < outputs.length; index++) {
    const { data, metadata } = outputs.get(index);
    const { place } = (metadata['jupyter_classgame'] ?? {}) as {
      place?: unknown;
    };
    if (
      typeof place === 'string' &&
      place.startsWith(CHART) &&
      WIDGET in data
    ) {
      places.push([index, place]);
    }
  }
  return places;
}
