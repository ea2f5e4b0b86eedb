"""An item of the shop, and the card that explains it."""

from dataclasses import dataclass

UNIT = "B NN"
"""The game's currency: billions of neural nuggets."""

AUGMENTATION = "Augmentation"
"""The shelf whose items change training images."""

GROUPS = ("Data", AUGMENTATION, "Architecture", "Regularisation", "Optimisation", "Finish")
"""The shelves of the shop, in the order of display."""


def amount(value: float) -> str:
    """Format a price or a balance with its unit: ``20 B NN``, ``2.5 B NN``, ``1,000 B NN``."""
    return f"{plain_number(value)} {UNIT}"


def signed(value: float) -> str:
    """Format a change of a balance with its sign: ``-20 B NN``, ``+5 B NN``."""
    return f"{'-' if value < 0 else '+'}{amount(abs(value))}"


def plain_number(value: float) -> str:
    """Format a number of B NN without rounding errors: ``20``, ``2.5``, ``1,000``."""
    rounded = round(value, 6) + 0.0  # turns -0.0 into 0.0
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
    """An item that the shop sells.

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
        Other names by which it can be ordered.
    repeatable
        Whether a team may own more than one.
    card
        Its explanation and recipe.
    contains
        Techniques that it includes: they need no separate purchase if the item is in use or
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
        """Return all names accepted in an order: name, slug, technique and aliases."""
        return (self.name, self.slug, self.technique, *self.aliases)
