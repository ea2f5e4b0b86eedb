"""What a pack says about its rules and its images."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

SOURCES = ("digits", "cifar10", "stl10", "flowers102", "folder")
"""Where images can come from."""


@dataclass(frozen=True)
class Rules:
    """The rules of a game.

    Parameters
    ----------
    budget
        What a team may spend, in B NN.
    base_fraction
        The share of the training images, above 0 and at most 1, that needs no purchase.
    max_epochs
        How many epochs a model may be trained for, over its whole life.
    final_attempts
        How many different weights a team may score on the hidden test images.
    practice
        Whether the pack may be played without a wallet.
    free
        Techniques that anybody may use.
    baseline
        Technique to the number that needs no purchase, such as two convolutions.
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
    """Where a pack's images are and how they are shown.

    Parameters
    ----------
    source
        One of :data:`SOURCES`.
    path
        The folder of images, for the source ``folder``.
    image_size
        Height and width in pixels; None is the source's own default.
    splits
        Names of the training and the hidden test folder, where they are not the usual ones.
    root
        Where downloaded sets are kept; None is the user's data folder.
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
        """Copy it with what is given put in place; None leaves a value as it is."""
        return replace(
            self,
            image_size=image_size or self.image_size,
            splits=splits or self.splits,
            root=root or self.root,
        )
