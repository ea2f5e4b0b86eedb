import type { INotebookTracker } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';

import type { IChartMessage } from '../messages/messageSchema';

/** The pictures of finished runs that can be made live. */
const PICTURES = '[data-classgame-place]';

/** The class of what stands below a picture: its live chart, or why there is none. */
const LIVE_CLASS = 'jp-Classgame-live';

const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';

const ENDED =
  'The kernel has forgotten this run; history.chart() shows others.';

/**
 * Listen to clicks on the pictures of finished runs, and to Enter where one has the focus.
 *
 * @param page - The page that shows notebooks.
 * @param open - Called with the picture and the place that it names.
 */
export function listenToPictures(
  page: Document,
  open: (picture: HTMLElement, place: string) => void
): void {
  const listener = (event: Event) => {
    const picture =
      event.target instanceof Element
        ? event.target.closest<HTMLElement>(PICTURES)
        : null;
    const place = picture?.dataset['classgamePlace'];
    if (picture && place) {
      open(picture, place);
    }
  };
  page.addEventListener('click', listener);
  page.addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      listener(event);
    }
  });
}

/**
 * Show a live chart in place of its picture, in every notebook of a kernel.
 *
 * The notebook keeps the picture. It is hidden as long as the live chart is on the page and has its
 * kernel; the style sheet sees to that.
 *
 * @param notebooks - The open notebooks.
 * @param kernelId - The id of the kernel.
 * @param chart - The model of the chart, and the place of the picture.
 */
export function showChart(
  notebooks: Pick<INotebookTracker, 'forEach'>,
  kernelId: string,
  { place, model }: Pick<IChartMessage, 'place' | 'model'>
): void {
  notebooks.forEach(({ sessionContext, content }) => {
    if (sessionContext.session?.kernel?.id !== kernelId) {
      return;
    }
    const { rendermime } = content;
    content.node.querySelectorAll<HTMLElement>(PICTURES).forEach(picture => {
      if (picture.dataset['classgamePlace'] !== place) {
        return;
      }
      const host = emptyHost(picture);
      if (!model) {
        host.textContent = ENDED;
        return;
      }
      const data = {
        [WIDGET_VIEW]: { version_major: 2, version_minor: 0, model_id: model }
      };
      const chart = rendermime.createRenderer(WIDGET_VIEW);
      charts.set(host, chart);
      Widget.attach(chart, host);
      chart
        .renderModel(rendermime.createModel({ data }))
        .catch((error: unknown) => {
          console.warn(`jupyter-classgame: no live chart: ${String(error)}`);
        });
    });
  });
}

/** The charts on the page, by what holds them. */
const charts = new WeakMap<Element, Widget>();

/** Return the place below a picture, emptied. */
function emptyHost(picture: HTMLElement): HTMLElement {
  const next = picture.nextElementSibling;
  if (next?.classList.contains(LIVE_CLASS)) {
    charts.get(next)?.dispose();
    next.remove();
  }
  const host = document.createElement('div');
  host.className = LIVE_CLASS;
  picture.after(host);
  return host;
}
