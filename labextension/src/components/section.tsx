import * as React from 'react';

/** A section of the panel with a title and the number of its entries. */
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
