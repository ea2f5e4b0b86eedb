"""Displaying a MIME bundle where the cell's output goes, and replacing it there later.

A front end finds the place by its display id, which a page that was loaded anew no longer knows. So
the place has its name in the output's metadata besides, where the labextension finds it.
"""

from collections.abc import Mapping
from typing import Any

from IPython.core import display_functions

from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.lab import comm

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_display: Any = display_functions.display
_update: Any = display_functions.update_display

_greeted: dict[str, int] = {}
"""How many pages had greeted the kernel when a place was first filled."""


def publish(bundle: Mapping[str, Any], display_id: str | None = None) -> None:
    """Display a bundle; under a ``display_id`` it can be replaced."""
    if display_id is None:
        _display(dict(bundle), raw=True)
        return
    _greeted.setdefault(display_id, comm.link.greetings)
    _display(dict(bundle), raw=True, display_id=display_id, metadata=_named(display_id))


def replace(bundle: Mapping[str, Any], display_id: str) -> None:
    """Replace what was displayed under a ``display_id``, from any thread.

    Pages that were loaded since get it from the labextension, where there is one.
    """
    _update(dict(bundle), raw=True, display_id=display_id, metadata=_named(display_id))
    if comm.link.greetings > _greeted.get(display_id, 0):
        comm.link.send_output(display_id, bundle["text/html"], bundle["text/plain"])


def message_bundle(message: str) -> dict[str, str]:
    """Show one line where something else could be; nothing, for an empty one."""
    return {"text/html": markup.line(message) if message else "", "text/plain": message}


def _named(place: str) -> dict[str, Any]:
    return {"jupyter_classgame": {"place": place}}


def widget_view(model_id: str) -> dict[str, Any]:
    """Give the part of a bundle that shows a widget."""
    return {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}}
