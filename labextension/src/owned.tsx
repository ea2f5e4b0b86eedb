import * as React from 'react';

import type { IGame, IOwned } from './game';
import { Button } from './parts';

/** What the team has, and the recipe of each as a cell. */
export function Owned(props: {
  game: IGame;
  insertRecipe: (slug: string) => void;
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
