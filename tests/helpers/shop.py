"""A small catalogue, orders against a ledger, and a ledger that is out of reach for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def out_of_reach(ledger) -> Iterator[None]:
    """Make a ledger's file unreadable meanwhile: every query ends in a ``LedgerError``."""
    file = Path(ledger.where)
    kept = file.read_bytes()
    file.write_bytes(b"\xff" * len(kept))
    try:
        yield
    finally:
        file.write_bytes(kept)
