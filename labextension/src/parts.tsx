import * as React from 'react';

import { curvePath } from './curve';
import type { Curve } from './reader';
import { percent } from './text';

/** A part of the panel with a title, and how many things are in it. */
export function Section(props: {
  title: string;
  count?: number;
  children: React.ReactNode;
}): React.ReactElement {
  return (
    <section className="jp-Classgame-section" aria-label={props.title}>
      <h3>
        {props.title}
        {props.count ? <span aria-hidden="true"> {props.count}</span> : null}
      </h3>
      {props.children}
    </section>
  );
}

/** A bar that is full to a share in [0, 1]. */
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

/**
 * A button; `about` tells it from others that look the same. With a `sign` in place of its label, the
 * label is its tip.
 */
export function Button(props: {
  label: string;
  about?: string;
  sign?: string;
  disabled?: boolean;
  onClick: () => void;
}): React.ReactElement {
  return (
    <button
      type="button"
      className="jp-Classgame-button"
      aria-label={props.label + (props.about ? `: ${props.about}` : '')}
      title={props.sign && props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.sign ?? props.label}
    </button>
  );
}

/** An accuracy, or a dash where there is none. */
export function Score(props: { value?: number | null }): React.ReactElement {
  const known = props.value !== null && props.value !== undefined;
  return (
    <span className="jp-Classgame-score">
      {known ? percent(props.value as number) : '–'}
    </span>
  );
}

/** A small curve for the eye alone. */
export function Sparkline(props: {
  curve: Curve;
  last?: number;
  wide?: boolean;
}): React.ReactElement {
  const [width, height] = props.wide ? [180, 36] : [56, 18];
  return (
    <svg
      className="jp-Classgame-curve"
      viewBox={`-2 -2 ${width + 4} ${height + 4}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={curvePath(props.curve, width, height, props.last)} />
    </svg>
  );
}
