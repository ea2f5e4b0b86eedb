import type { IForeignCodeExtractor } from '@jupyterlab/lsp';

/** Whether a cell is an order to the shop, as IPython sees it: blank lines may come first. */
export function isOrder(source: string): boolean {
  return /^\s*%%shop(?![\w.])/.test(source);
}

/** Keeps an order out of what a language server takes for Python. */
export const orderExtractor: IForeignCodeExtractor = {
  language: 'classgame-order',
  cellType: ['code'],
  standalone: false,
  fileExtension: 'txt',
  hasForeignCode: isOrder,
  extractForeignCode: () => [
    { foreignCode: null, range: null, virtualShift: null, hostCode: '' }
  ]
};
