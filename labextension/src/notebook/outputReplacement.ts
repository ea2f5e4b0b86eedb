import type { INotebookTracker } from '@jupyterlab/notebook';

import type { IOutputMessage } from '../messages/messageSchema';

/** The key of an output's metadata that holds its place. */
const METADATA_KEY = 'jupyter_classgame';

/** What an output is replaced by, and its place. */
export type OutputContent = Pick<IOutputMessage, 'place' | 'html' | 'plain'>;

/** The part of a code cell's outputs that is used here. */
export interface ICellOutputs {
  readonly length: number;
  get: (index: number) => {
    readonly data: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  set: (index: number, output: ReturnType<typeof displayData>) => void;
}

/**
 * Replace an output in every notebook of a kernel.
 *
 * The kernel replaces an output by its display id; but a page that was loaded after the output was
 * shown has it from the saved notebook, where there is no display id.
 *
 * @param notebooks - The open notebooks.
 * @param kernelId - The id of the kernel.
 * @param output - Replaces the outputs whose metadata name the same place.
 */
export function replaceOutput(
  notebooks: Pick<INotebookTracker, 'forEach'>,
  kernelId: string,
  output: IOutputMessage
): void {
  notebooks.forEach(({ sessionContext, content }) => {
    const cells = content.model?.cells;
    if (!cells || sessionContext.session?.kernel?.id !== kernelId) {
      return;
    }
    for (const cell of cells) {
      const { outputs } = cell as { outputs?: ICellOutputs };
      if (outputs) {
        replaceInCell(outputs, output);
      }
    }
  });
}

/** Replace an output among those of one cell. */
export function replaceInCell(
  outputs: ICellOutputs,
  output: OutputContent
): void {
  for (let index = 0; index < outputs.length; index++) {
    const metadata = outputs.get(index).metadata[METADATA_KEY] as
      { place?: unknown } | undefined;
    if (metadata?.place === output.place) {
      outputs.set(index, displayData(output));
    }
  }
}

function displayData({ place, html, plain }: OutputContent) {
  return {
    output_type: 'display_data' as const,
    data: { 'text/html': html, 'text/plain': plain },
    metadata: { [METADATA_KEY]: { place } }
  };
}
