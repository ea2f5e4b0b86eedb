import * as React from 'react';

import { MAX_DRAWN, type RunComparison } from './runComparison';

/** The checkbox that shows a run in the chart, in the colour of its line. */
export function RunCheckbox(props: {
  run: number;
  comparison: RunComparison;
}): React.ReactElement | null {
  const { run, comparison } = props;
  const candidate = comparison.candidate(run);
  if (!candidate) {
    return null;
  }
  const { name, unavailable } = candidate;
  const slot = comparison.slot(run);
  const drawn = slot !== undefined;
  const reason =
    !drawn &&
    (unavailable || (comparison.hasRoom ? '' : `${MAX_DRAWN} at most`));
  return (
    <label
      className={`jp-Classgame-tick ${drawn ? `jp-mod-slot${slot}` : ''}`}
      title={reason ? `Not in the chart: ${reason}` : 'Show in the chart'}
    >
      <input
        type="checkbox"
        aria-label={`Chart ${name}${reason ? ` (${reason})` : ''}`}
        checked={drawn}
        disabled={Boolean(reason)}
        onChange={event => comparison.select(run, event.target.checked)}
      />
    </label>
  );
}
