/**
 * Have Escape empty the shop's search, as it does in a search field of the browser's own.
 *
 * The widget that the kernel shows there has no event for a key. So the field is emptied on the page
 * and the widget told of it as of any typing, by the field's `input` event.
 *
 * @param page - Where shops are shown; keys are caught before the widget keeps them to itself.
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
