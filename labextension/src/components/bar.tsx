import * as React from 'react';

/** A bar that is filled to a share in [0, 1]. */
export function Bar(props: {
  role: 'meter' | 'progressbar';
  share: number;
  label: string;
  text: string;
}): React.ReactElement {
  const filled = Math.round(100 * Math.min(1, Math.max(0, props.share)));
  return (
    <div
      className={`jp-Classgame-bar jp-mod-${props.role}`}
      role={props.role}
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={filled}
      aria-valuetext={props.text}
    >
      <div style={{ width: `${filled}%` }} />
    </div>
  );
}
