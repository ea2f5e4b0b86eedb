import * as React from 'react';

import { MOST_DRAWN, type Comparison } from './comparison';

/** The box that has a run drawn in the chart; it has the colour of the run's line. */
export function Tick(props: {
  run: number;
  comparison: Comparison;
}): React.ReactElement | null {
  const { run, comparison } = props;
  const candidate = comparison.candidate(run);
  if (!candidate) {
    return null;
  }
  const { name, hindrance } = candidate;
  const slot = comparison.slot(run);
  const drawn = slot !== undefined;
  const why =
    !drawn &&
    (hindrance || (comparison.hasRoom ? '' : `${MOST_DRAWN} at most`));
  return (
    <label
      className={`jp-Classgame-tick ${drawn ? `jp-mod-slot${slot}` : ''}`}
      title={why ? `Not in the chart: ${why}` : 'Show in the chart'}
    >
      <input
        type="checkbox"
        aria-label={`Chart ${name}${why ? ` (${why})` : ''}`}
        checked={drawn}
        disabled={Boolean(why)}
        onChange={event => comparison.tick(run, event.target.checked)}
      />
    </label>
  );
}
