import * as React from 'react';

import { Button } from '../components/button';
import type { IGame, IOwnedItem } from '../messages/gameState';

/** The items that the team owns, each with a button to insert its recipe as a cell. */
export function OwnedItemsView(props: {
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
            <ItemRemarks item={item} />
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

/** How many of an item are owned, and whether it can be returned. */
function ItemRemarks({ item }: { item: IOwnedItem }): React.ReactElement {
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
