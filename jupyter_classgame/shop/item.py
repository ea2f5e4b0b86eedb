"""What the shop sells: an item and the card that explains it."""

from dataclasses import dataclass

UNIT = "B NN"
"""The game's currency: billions of neural nuggets."""

AUGMENTATION = "Augmentation"
"""The shelf whose items change training images."""

GROUPS = ("Data", AUGMENTATION, "Architecture", "Regularisation", "Optimisation", "Finish")
"""The shelves of the shop, in the order they are shown."""


def amount(value: float) -> str:
    """Write a price or a balance with its unit: ``20 B NN``, ``2.5 B NN``, ``1,000 B NN``."""
    return f"{plain_number(value)} {UNIT}"


def signed(value: float) -> str:
    """Write a change of a balance, with its sign: ``-20 B NN``, ``+5 B NN``."""
    return f"{'-' if value < 0 else '+'}{amount(abs(value))}"


def plain_number(value: float) -> str:
    """Write a number of B NN without the dust of floating point: ``20``, ``2.5``, ``1,000``."""
    rounded = round(value, 6) + 0.0  # no minus zero
    return f"{rounded:,.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Card:
    """An item's explanation and recipe.

    Parameters
    ----------
    summary
        One line: what the item does.
    text
        The explanation in Markdown, without the recipe.
    recipe
        Python source to paste into a cell and edit.
    """

    summary: str
    text: str
    recipe: str


@dataclass(frozen=True)
class Item:
    """One thing the shop sells.

    Parameters
    ----------
    slug
        Its name in code, lower case with hyphens; unique in a catalogue.
    name
        Its name on the shelf.
    technique
        What the referee recognises in a team's code; also an alias of the item.
    price
        In B NN, zero or more.
    group
        The shelf, one of :data:`GROUPS`.
    aliases
        Other names it may be ordered by.
    repeatable
        Whether a team may own more than one.
    card
        Its explanation and recipe.
    contains
        Techniques that come with it: they need no purchase of their own where it is in use or
        owned.
    """

    slug: str
    name: str
    technique: str
    price: float
    group: str
    card: Card
    aliases: tuple[str, ...] = ()
    repeatable: bool = False
    contains: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """All it may be called in an order: name, slug, technique and aliases."""
        return (self.name, self.slug, self.technique, *self.aliases)
