"""``%shop`` and ``%%shop``: the shop as a widget, and orders in text."""

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_cell_magic, magics_class, no_var_expand

from jupyter_classgame.magics.game_magics import GameMagics, one_line


@magics_class
class ShopMagics(GameMagics):
    """The magic that opens the shop and carries out orders."""

    @no_var_expand
    @line_cell_magic
    @one_line
    def shop(self, line: str, cell: str | None = None) -> Any:
        """Show the shop, or carry out an order.

        %shop shows the shop as a widget. In a cell that begins with %%shop, every line is an order:

            [buy|return] ITEM [x N] {, ITEM [x N]}    # comment

        ITEM is an item's name, slug or alias, in any case. An order is carried out completely or
        not at all, returns are credited first, and what is owned already is not bought again. Tab
        suggests items with their prices.

        Examples
        --------
        %%shop
        buy Flip trick, Speed boost
        buy neural-turbo-boost x 2
        return Foggy lens
        """
        game = self.game
        if cell is None:
            if line.strip():
                raise UsageError("%shop takes no arguments; write an order in a cell below %%shop")
            from jupyter_classgame.widgets.shop.shop_view import open_shop  # noqa: PLC0415 - on first use

            return open_shop(game)
        if line.strip():
            raise UsageError("%%shop takes no arguments on its own line; write the order below it")
        return game.order(f"\n{cell}")  # so that lines are numbered as in the cell
