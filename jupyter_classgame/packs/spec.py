"""Rules and image source of a pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

SOURCES = ("digits", "cifar10", "stl10", "flowers102", "folder")
"""Sources of images."""


@dataclass(frozen=True)
class Rules:
    """The rules of a game.

    Parameters
    ----------
    budget
        Amount that a team may spend, in B NN.
    base_fraction
        Fraction of the training images, in (0, 1], that needs no purchase.
    max_epochs
        Maximum number of epochs in a model's whole life.
    final_attempts
        Number of different weights that a team may score on the hidden test images.
    practice
        Whether the pack may be played without a wallet.
    free
        Techniques that everyone may use.
    baseline
        Technique to the count that needs no purchase, such as two convolutions.
    """

    budget: float = 100.0
    base_fraction: float = 0.7
    max_epochs: int = 60
    final_attempts: int = 3
    practice: bool = True
    free: tuple[str, ...] = ()
    baseline: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSpec:
    """The source of a pack's images, and their size.

    Parameters
    ----------
    source
        One of :data:`SOURCES`.
    path
        The folder of images, for the source ``folder``.
    image_size
        Height and width in pixels; None for the source's default.
    splits
        Names of the training and the hidden test folder, if they are not the usual ones.
    root
        Folder for downloaded sets; None for the user's data folder.
    """

    source: str
    path: Path | None = None
    image_size: tuple[int, int] | None = None
    splits: tuple[str, str] | None = None
    root: Path | None = None

    def altered(
        self,
        *,
        image_size: tuple[int, int] | None = None,
        splits: tuple[str, str] | None = None,
        root: Path | None = None,
    ) -> "DataSpec":
        """Return a copy with the given values; None leaves a value unchanged."""
        return replace(
            self,
            image_size=image_size or self.image_size,
            splits=splits or self.splits,
            root=root or self.root,
        )
