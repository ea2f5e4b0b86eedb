import type { INotebookTracker } from '@jupyterlab/notebook';

import type { ICellOutputs } from './outputReplacement';
import { replaceInCell } from './outputReplacement';

/** What the places of the charts of runs begin with. */
const CHART = 'classgame-run-';

const WIDGET = 'application/vnd.jupyter.widget-view+json';

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
    for (const { model, node } of content.widgets) {
      const { outputs } = model as { outputs?: ICellOutputs };
      const charts = (outputs ? chartsIn(outputs) : []).filter(
        place => among?.has(place) ?? true
      );
      if (!outputs || !charts.length) {
        continue;
      }
      const reason = reasonOf(node.textContent ?? '', running);
      if (reason) {
        explainInCell(outputs, reason);
      } else {
        charts.forEach(place => left.add(place));
      }
    }
  });
  return left;
}

/**
 * Say why a cell has a chart without a widget; empty if it has its widget, or may get it yet.
 *
 * @param shown - The text of the cell, in which ipywidgets says what it lacks.
 * @param running - Whether a run is under way.
 */
export function reasonOf(shown: string, running: boolean): string {
  if (shown.includes('Error displaying widget')) {
    return GONE;
  }
  return running && shown.includes('Loading widget') ? RUNNING : '';
}

/** Put a text in the place of each chart among the outputs of one cell. */
export function explainInCell(outputs: ICellOutputs, plain: string): void {
  for (const place of chartsIn(outputs)) {
    replaceInCell(outputs, { place, html: `<div>${plain}</div>`, plain });
  }
}

/** The places of the charts, as widgets, among the outputs of one cell. */
function chartsIn(outputs: ICellOutputs): string[] {
  const places: string[] = [];
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
      places.push(place);
    }
  }
  return places;
}
