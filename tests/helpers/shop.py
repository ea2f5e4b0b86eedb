"""A small catalogue, and orders against a ledger."""

from jupyter_classgame.shop import Card, Item, Wallet, parse_order

CARD = Card("Summary.", "Text.", "x = 1")


def item(slug, name, price, technique=None, aliases=(), repeatable=False):
    return Item(
        slug, name, technique or slug, price, "Data", CARD, aliases=aliases, repeatable=repeatable
    )


def buy(ledger, game, catalogue, text):
    """Carry an order out as a game does."""

    def settle(held, used):
        wallet = Wallet(catalogue, 100, held.owned, held.paid)
        return wallet.settle(parse_order(text, catalogue), game.team, used)

    return ledger.order(game, settle)
