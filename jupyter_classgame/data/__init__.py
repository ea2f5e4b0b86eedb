"""Images: where they come from, how they are split, and how a player's loop gets them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_classgame.packs.spec import DataSpec

if TYPE_CHECKING:
    from jupyter_classgame.data.data_loader import make_loader
    from jupyter_classgame.data.dataset import GameDataset
    from jupyter_classgame.data.feed.fast_loader import Feed, feed_for
    from jupyter_classgame.data.image_loading import load_images
    from jupyter_classgame.data.images.image_sets import ImageSets, ImageSource
    from jupyter_classgame.data.labelled_samples import SampleSheet, sample_sheet
    from jupyter_classgame.data.splits import fraction_indices

__all__ = [
    "DataSpec",
    "Feed",
    "GameDataset",
    "ImageSets",
    "ImageSource",
    "SampleSheet",
    "feed_for",
    "fraction_indices",
    "load_images",
    "make_loader",
    "sample_sheet",
]

# A pack names its data without loading torch: what needs torch is imported when it is asked for.
_HOMES = {
    "Feed": "feed.fast_loader",
    "GameDataset": "dataset",
    "ImageSets": "images.image_sets",
    "ImageSource": "images.image_sets",
    "SampleSheet": "labelled_samples",
    "feed_for": "feed.fast_loader",
    "fraction_indices": "splits",
    "load_images": "image_loading",
    "make_loader": "data_loader",
    "sample_sheet": "labelled_samples",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
