"""Sources of images: one module each, with a function ``read(spec) -> Collection``.

Their names are listed in ``jupyter_classgame.packs.spec.SOURCES``.
"""

from importlib import import_module

from jupyter_classgame.data.images.source_pictures import Collection
from jupyter_classgame.errors import DataError
from jupyter_classgame.packs.spec import SOURCES, DataSpec


def read_source(spec: DataSpec) -> Collection:
    """Return the pictures of a pack's source, not yet split or decoded.

    Raises
    ------
    DataError
        There is no such source, or its pictures cannot be found.
    """
    if spec.source not in SOURCES:
        raise DataError(
            f"there is no data source {spec.source!r}; the sources are {', '.join(SOURCES)}."
        )
    # Each source needs a different library, so only this one is imported.
    collection: Collection = import_module(f"{__name__}.{spec.source}").read(spec)
    return collection
