"""Images: sources, splits, datasets, loaders and vectorised transforms."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_classgame.packs.spec import DataSpec

if TYPE_CHECKING:
    from jupyter_classgame.data.data_loader import make_loader
    from jupyter_classgame.data.dataset import GameDataset
    from jupyter_classgame.data.feed.fast_loader import FastLoader, fast_loader_for
    from jupyter_classgame.data.image_loading import load_images
    from jupyter_classgame.data.images.image_sets import ImageSets, ImageSource
    from jupyter_classgame.data.labelled_samples import SampleSheet, sample_sheet
    from jupyter_classgame.data.splits import fraction_indices

__all__ = [
    "DataSpec",
    "FastLoader",
    "GameDataset",
    "ImageSets",
    "ImageSource",
    "SampleSheet",
    "fast_loader_for",
    "fraction_indices",
    "load_images",
    "make_loader",
    "sample_sheet",
]

# Reading a pack must not load torch: modules that need it are imported on first use.
_MODULES = {
    "FastLoader": "feed.fast_loader",
    "GameDataset": "dataset",
    "ImageSets": "images.image_sets",
    "ImageSource": "images.image_sets",
    "SampleSheet": "labelled_samples",
    "fast_loader_for": "feed.fast_loader",
    "fraction_indices": "splits",
    "load_images": "image_loading",
    "make_loader": "data_loader",
    "sample_sheet": "labelled_samples",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
