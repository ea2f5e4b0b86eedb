/** The buttons on the cards of games that insert the cells of the baseline. */
const BUTTONS = '[data-classgame-baseline]';

/**
 * Listen to clicks on the buttons that insert the cells of the baseline.
 *
 * @param page - The page that shows notebooks.
 * @param insert - Inserts the cells into the current notebook, which a click makes the clicked one.
 */
export function listenToBaselineButtons(
  page: Document,
  insert: () => void
): void {
  page.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest(BUTTONS)) {
      insert();
    }
  });
}
