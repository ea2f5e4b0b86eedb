"""Which code is a user's own: neither this package's, nor Python's, nor an installed library's."""

import functools
import importlib.util
import site
import sysconfig
from pathlib import Path

PACKAGE = str(Path(__file__).resolve().parent)
"""The folder of this package."""


@functools.lru_cache(maxsize=4096)
def is_users(path: str) -> bool:
    """Say whether a source file, or a folder of modules, is the user's own.

    A cell is one, however it is named. What Python makes up, such as a frozen module, is none.
    """
    if path.startswith("<frozen") or path == "<string>":
        return False
    return not any(Path(path).absolute().is_relative_to(other) for other in _libraries())


@functools.cache
def _libraries() -> tuple[str, ...]:
    """List the folders of modules that are not a user's own."""
    paths = sysconfig.get_paths()
    folders = {PACKAGE, *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))}
    folders.update(site.getsitepackages(), [site.getusersitepackages()])
    if (torch := importlib.util.find_spec("torch")) is not None and torch.origin is not None:
        folders.add(str(Path(torch.origin).parents[1]))  # wherever libraries are put by hand
    return tuple(sorted(folders))
