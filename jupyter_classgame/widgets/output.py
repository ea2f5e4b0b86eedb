"""Displaying a MIME bundle where the cell's output goes, and replacing it there later."""

from collections.abc import Mapping
from typing import Any

from IPython.core import display_functions

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_display: Any = display_functions.display
_update: Any = display_functions.update_display


def publish(bundle: Mapping[str, Any], display_id: str | None = None) -> None:
    """Display a bundle; under a ``display_id`` it can be replaced."""
    if display_id is None:
        _display(dict(bundle), raw=True)
    else:
        _display(dict(bundle), raw=True, display_id=display_id)


def replace(bundle: Mapping[str, Any], display_id: str) -> None:
    """Replace what was displayed under a ``display_id``, from any thread."""
    _update(dict(bundle), raw=True, display_id=display_id)


def widget_view(model_id: str) -> dict[str, Any]:
    """Give the part of a bundle that shows a widget."""
    return {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}}
