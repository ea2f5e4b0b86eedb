import * as React from 'react';

import { curvePath } from './curve';
import type { Curve, IGame, IOwned, IRun, IUnderWay, IVerdict } from './game';
import type { Action } from './protocol';
import { amount, percent, progressText } from './text';

/** What can be asked for in the panel. */
export interface IDeeds {
  steer: (run: number, action: Action) => void;
  insertRecipe: (slug: string) => void;
}

/** The panel's content; React puts every text there as text. */
export function GameView(props: {
  game: IGame | null;
  deeds: IDeeds;
}): React.ReactElement {
  const { game, deeds } = props;
  if (!game) {
    return (
      <p className="jp-Classgame-empty">
        No game is played in this notebook. Begin one in a cell:{' '}
        <code>%classgame new digits</code>
      </p>
    );
  }
  return (
    <>
      <header className="jp-Classgame-head">
        <h2>{game.title}</h2>
        <span>team {game.team}</span>
      </header>
      <Wallet game={game} />
      {game.under_way.map(run => (
        <UnderWay key={run.run} run={run} steer={deeds.steer} />
      ))}
      <Section title="Owned" count={game.owned.length}>
        <Owned game={game} insertRecipe={deeds.insertRecipe} />
      </Section>
      <Section title="Runs, best first" count={game.runs.length}>
        <Runs runs={game.runs} />
      </Section>
      {game.verdict && (
        <Section title="Last verdict">
          <Verdict verdict={game.verdict} />
        </Section>
      )}
    </>
  );
}

function Section(props: {
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

function Wallet({ game }: { game: IGame }): React.ReactElement {
  if (game.practice) {
    return (
      <p className="jp-Classgame-wallet">
        Practice: everything may be used, nothing is ranked.
      </p>
    );
  }
  const left = amount(game.balance);
  const of = amount(game.budget);
  const share = game.budget > 0 ? game.balance / game.budget : 0;
  return (
    <section className="jp-Classgame-wallet" aria-label="Wallet">
      <div>
        <strong className="jp-Classgame-left">{left}</strong> left of {of}
      </div>
      <Bar
        role="meter"
        share={share}
        label="Left in the wallet"
        text={`${left} of ${of}`}
      />
    </section>
  );
}

/** A bar that is full to a share in [0, 1]. */
function Bar(props: {
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

function UnderWay(props: {
  run: IUnderWay;
  steer: IDeeds['steer'];
}): React.ReactElement {
  const { run, steer } = props;
  const toggle = run.paused ? 'resume' : 'pause';
  return (
    <section className="jp-Classgame-run" aria-label={run.label}>
      <div className="jp-Classgame-row">
        <span className="jp-Classgame-name">{run.label}</span>
        <span className="jp-Classgame-quiet">{progressText(run)}</span>
      </div>
      {!run.finished && (
        <Bar
          role="progressbar"
          share={run.fraction}
          label={`Progress of ${run.label}`}
          text={progressText(run)}
        />
      )}
      {run.curve.length > 0 && (
        <div className="jp-Classgame-row">
          <Sparkline
            curve={run.curve}
            last={run.finished ? 0 : run.epochs}
            wide
          />
          <Score value={run.curve[run.curve.length - 1]?.[1]} />
        </div>
      )}
      {run.note && <p className="jp-Classgame-quiet">{run.note}</p>}
      {!run.finished && (
        <div className="jp-Classgame-buttons">
          <Button
            label={run.paused ? 'Resume' : 'Pause'}
            about={run.label}
            disabled={run.stopping}
            onClick={() => steer(run.run, toggle)}
          />
          <Button
            label={run.stopping ? 'Stopping' : 'Stop'}
            about={run.label}
            disabled={run.stopping}
            onClick={() => steer(run.run, 'stop')}
          />
        </div>
      )}
    </section>
  );
}

function Button(props: {
  label: string;
  about: string;
  disabled?: boolean;
  onClick: () => void;
}): React.ReactElement {
  return (
    <button
      type="button"
      className="jp-Classgame-button"
      aria-label={`${props.label}: ${props.about}`}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.label}
    </button>
  );
}

function Owned(props: {
  game: IGame;
  insertRecipe: IDeeds['insertRecipe'];
}): React.ReactElement {
  const { game, insertRecipe } = props;
  if (!game.owned.length) {
    return (
      <p className="jp-Classgame-quiet">
        {game.practice ? (
          'Nothing need be bought in practice.'
        ) : (
          <>
            Nothing yet; <code>%shop</code> shows what there is.
          </>
        )}
      </p>
    );
  }
  return (
    <ul>
      {game.owned.map(item => (
        <li key={item.slug} className="jp-Classgame-row">
          <span className="jp-Classgame-name">
            <bdi>{item.name}</bdi>
            <Mark item={item} />
          </span>
          <Button
            label="Insert recipe"
            about={item.name}
            onClick={() => insertRecipe(item.slug)}
          />
        </li>
      ))}
    </ul>
  );
}

function Mark({ item }: { item: IOwned }): React.ReactElement {
  return (
    <span className="jp-Classgame-quiet">
      {item.count > 1 && ` × ${item.count}`}
      {item.used && (
        <span title="A ranked run has used it: it cannot be returned">
          {' '}
          · used
        </span>
      )}
    </span>
  );
}

function Runs({ runs }: { runs: readonly IRun[] }): React.ReactElement {
  if (!runs.length) {
    return (
      <p className="jp-Classgame-quiet">
        None yet; <code>%train</code> makes one.
      </p>
    );
  }
  return (
    <ol>
      {runs.map(run => (
        <li key={run.run} className="jp-Classgame-row">
          <div className="jp-Classgame-name">
            run {run.run}: {run.label}
            <div className="jp-Classgame-quiet">
              {`${run.epochs} ${run.epochs === 1 ? 'epoch' : 'epochs'}`}
              {!run.ranked && ' · not ranked'}
            </div>
          </div>
          <Sparkline curve={run.curve} />
          <Score value={run.val_acc} />
        </li>
      ))}
    </ol>
  );
}

function Score(props: { value?: number | null }): React.ReactElement {
  const known = props.value !== null && props.value !== undefined;
  return (
    <span className="jp-Classgame-score">
      {known ? percent(props.value as number) : '–'}
    </span>
  );
}

function Sparkline(props: {
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

const SIGNS = { error: '✖', warning: '▲', note: '·', fine: '✓' } as const;

function Verdict({ verdict }: { verdict: IVerdict }): React.ReactElement {
  return (
    <>
      <p>{verdict.summary}</p>
      <ul>
        {verdict.lines.map(({ kind, text }, index) => (
          <li key={index} className={`jp-Classgame-line jp-mod-${kind}`}>
            <span role="img" aria-label={kind}>
              {SIGNS[kind]}
            </span>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
