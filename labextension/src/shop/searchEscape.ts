/**
 * Clear the search field of a shop when Escape is pressed, as in a search field of the browser.
 *
 * The kernel's text widget has no key events. So the field is cleared on the page, and an `input`
 * event informs the widget, as after any typing.
 *
 * @param page - The page that shows shops; the listener captures keys before the widget does.
 */
export function clearOnEscape(page: Document): void {
  page.addEventListener(
    'keydown',
    event => {
      const field = event.target;
      if (
        event.key === 'Escape' &&
        !event.isComposing &&
        field instanceof HTMLInputElement &&
        field.value &&
        field.closest('.cg-search')
      ) {
        field.value = '';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true
  );
}
