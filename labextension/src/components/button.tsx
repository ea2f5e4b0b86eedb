import * as React from 'react';

/**
 * A button.
 *
 * `about` distinguishes buttons with the same label for screen readers. A `sign` is shown in place of
 * the label, which becomes the tooltip.
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
