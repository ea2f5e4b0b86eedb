"""Display MIME bundles in a cell's output, and replace them there later.

A front end finds an output by its display id, which a reloaded page no longer knows. The id is
therefore also written into the output's metadata, where the labextension finds it.
"""

from collections.abc import Mapping
from typing import Any

from IPython.core import display_functions

from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.comm import comm_link

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_display: Any = display_functions.display
_update: Any = display_functions.update_display


class ReplaceableOutput:
    """One output of a cell, whose content can be replaced after it was displayed.

    Parameters
    ----------
    display_id
        Identifies the output for front ends, and for a page that was reloaded since.
    """

    def __init__(self, display_id: str) -> None:
        self.display_id = display_id
        self._greetings: int | None = None

    def publish(self, bundle: Mapping[str, Any]) -> None:
        """Display a bundle in the output of the running cell."""
        if self._greetings is None:
            self._greetings = comm_link.link.greetings
        _display(dict(bundle), raw=True, display_id=self.display_id, metadata=self._metadata)

    def replace(self, bundle: Mapping[str, Any]) -> None:
        """Replace what was displayed; callable from any thread.

        Pages loaded since then receive it through the labextension, where there is one.
        """
        _update(dict(bundle), raw=True, display_id=self.display_id, metadata=self._metadata)
        link = comm_link.link
        if link.greetings > (self._greetings or 0):
            link.send_output(self.display_id, bundle["text/html"], bundle["text/plain"])

    @property
    def _metadata(self) -> dict[str, Any]:
        return {"jupyter_classgame": {"place": self.display_id}}


def publish(bundle: Mapping[str, Any]) -> None:
    """Display a bundle in the output of the running cell."""
    _display(dict(bundle), raw=True)


def message_bundle(message: str) -> dict[str, str]:
    """Make a bundle of one line of text; empty for an empty message."""
    return {"text/html": markup.line(message) if message else "", "text/plain": message}


def widget_view(model_id: str) -> dict[str, Any]:
    """Make the part of a bundle that displays a widget."""
    return {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}}
