"""Training an image classifier as a classroom game inside JupyterLab.

``%load_ext jupyter_classgame`` registers ``%classgame``, ``%shop``, ``%train``, ``%ensemble`` and
``%evaluate``. The public names are imported on first access (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_classgame.version import __version__

if TYPE_CHECKING:
    from jupyter_classgame.config import ClassGame
    from jupyter_classgame.errors import ClassGameError, ClassGameWarning
    from jupyter_classgame.packs import load_pack
    from jupyter_classgame.session import Game, start_game


__all__ = [
    "ClassGame",
    "ClassGameError",
    "ClassGameWarning",
    "Game",
    "__version__",
    "load_ipython_extension",
    "load_pack",
    "start_game",
    "unload_ipython_extension",
]

_HOMES = {
    "ClassGame": ".config",
    "ClassGameError": ".errors",
    "ClassGameWarning": ".errors",
    "Game": ".session",
    "load_pack": ".packs",
    "start_game": ".session",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def load_ipython_extension(shell: Any) -> None:
    """Register the magics and displays with a shell: ``%load_ext jupyter_classgame``."""
    from IPython.core.error import UsageError  # noqa: PLC0415 - only when loaded into a shell
    from traitlets import TraitError  # noqa: PLC0415

    from jupyter_classgame.config import ClassGame  # noqa: PLC0415
    from jupyter_classgame.magics import register  # noqa: PLC0415
    from jupyter_classgame.widgets import formatters  # noqa: PLC0415
    from jupyter_classgame.widgets.lab import lab_sync  # noqa: PLC0415

    if not any(isinstance(item, ClassGame) for item in shell.configurables):
        try:
            shell.configurables.append(ClassGame(parent=shell))
        except TraitError as error:  # one line, whichever magic loads this
            raise UsageError(f"configuration: {error}") from error
    register(shell)
    formatters.register(shell)
    lab_sync.register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Undo :func:`load_ipython_extension`; the notebook's variables remain."""
    from jupyter_classgame.magics import unregister  # noqa: PLC0415
    from jupyter_classgame.widgets import formatters  # noqa: PLC0415
    from jupyter_classgame.widgets.lab import lab_sync  # noqa: PLC0415

    unregister(shell)
    lab_sync.unregister(shell)
    formatters.unregister(shell)
    shell.configurables[:] = [i for i in shell.configurables if type(i).__name__ != "ClassGame"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Locate the built JupyterLab extension, for JupyterLab's own tools."""
    return [{"src": "labextension", "dest": "jupyter-classgame-labextension"}]
