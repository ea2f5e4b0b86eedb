import type { IForeignCodeExtractor } from '@jupyterlab/lsp';

/** Whether a cell is a `%%shop` order; as in IPython, blank lines may precede the magic. */
export function isOrder(source: string): boolean {
  return /^\s*%%shop(?![\w.])/.test(source);
}

/** Excludes orders from the code that a language server checks as Python. */
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
