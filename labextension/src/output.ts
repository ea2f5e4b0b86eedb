import type { INotebookTracker } from '@jupyterlab/notebook';

import type { IOutput } from './protocol';

/** Where an output's metadata has the name of its place. */
const KEY = 'jupyter_classgame';

/** The outputs of a code cell, as far as they are needed here. */
export interface IOutputs {
  readonly length: number;
  get: (index: number) => {
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  set: (index: number, output: ReturnType<typeof written>) => void;
}

/**
 * Put something else where an output is, in every notebook of a kernel.
 *
 * A page that was loaded after the output was shown has it from the saved notebook, and does not know
 * its display id, by which the kernel would replace it.
 *
 * @param notebooks - The open notebooks.
 * @param kernelId - The id of the kernel.
 * @param output - What to put there; nothing is done where no output has this place.
 */
export function replaceOutput(
  notebooks: Pick<INotebookTracker, 'forEach'>,
  kernelId: string,
  output: IOutput
): void {
  notebooks.forEach(({ sessionContext, content }) => {
    const cells = content.model?.cells;
    if (!cells || sessionContext.session?.kernel?.id !== kernelId) {
      return;
    }
    for (const cell of cells) {
      const { outputs } = cell as { outputs?: IOutputs };
      if (outputs) {
        replaceIn(outputs, output);
      }
    }
  });
}

/** The same in one cell's outputs. */
export function replaceIn(outputs: IOutputs, output: IOutput): void {
  for (let index = 0; index < outputs.length; index++) {
    const ours = outputs.get(index).metadata[KEY] as
      { place?: unknown } | undefined;
    if (ours?.place === output.place) {
      outputs.set(index, written(output));
    }
  }
}

function written({ place, html, plain }: IOutput) {
  return {
    output_type: 'display_data' as const,
    data: { 'text/html': html, 'text/plain': plain },
    metadata: { [KEY]: { place } }
  };
}
