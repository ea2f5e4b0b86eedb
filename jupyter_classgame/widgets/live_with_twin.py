"""A live widget with its static twin: a pair of outputs of which a reader sees one.

A widget alone is blank in a page without its scripts, in a saved notebook whose kernel is gone and
in an untrusted one. So two outputs are displayed: the widget, and below it the twin, with a style
rule that hides the twin while the widget is on the page and has its kernel, and the widget's place
when not.
"""

from collections import deque
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any
from uuid import uuid4

import ipywidgets as w

from jupyter_classgame.widgets.cell_output import (
    WIDGET_VIEW,
    ReplaceableOutput,
    publish,
    widget_view,
)
from jupyter_classgame.widgets.frontend import in_kernel
from jupyter_classgame.widgets.markup import line, text
from jupyter_classgame.widgets.page_states import DEAD, LIVE_ENDED

MAX_OPEN = 12
"""How many live charts stay open; the oldest closes and its twin appears in its place."""

_open: deque["LiveWithTwin"] = deque()
_open_lock = Lock()


class LiveWithTwin:
    """A live widget with the static output that stands in for it.

    Parameters
    ----------
    build
        Makes the widget once, when it is first shown in a kernel; None if there is only a twin.
    twin
        MIME bundle that stands in for it: ``text/html``, ``text/plain`` and maybe ``image/png``.
    lasting
        Whether it stays open however many others are opened.
    """

    def __init__(
        self,
        build: Callable[[], w.DOMWidget] | None,
        twin: dict[str, str],
        *,
        lasting: bool = False,
    ) -> None:
        self.twin = twin
        self._lasting = lasting
        self.widget: w.DOMWidget | None = None
        self._build = build
        self._key = uuid4().hex[:10]
        self._twin_output: ReplaceableOutput | None = None

    def show(self) -> None:
        """Display the pair; outside a kernel, the twin alone."""
        if self._build is None or not in_kernel():
            publish(self.twin)
            return
        publish({**self._live_bundle(self._build), "text/html": "<span></span>"})
        first = self._twin_output is None
        self._twin_output = self._twin_output or ReplaceableOutput(f"classgame-twin-{self._key}")
        self._twin_output.publish(self._paired_twin())
        if first and not self._lasting:
            _remember(self)

    @property
    def is_live(self) -> bool:
        """Whether a widget is displayed, too."""
        return self._build is not None and in_kernel()

    def open(self) -> str:
        """Make the widget, unless it is open, for a page that shows it in the twin's place itself.

        Returns
        -------
        str
            The id of its model.
        """
        if self._build is None:
            return ""
        made = self.widget is None
        model = str(self._live_bundle(self._build)[WIDGET_VIEW]["model_id"])
        if made:
            _remember(self)
        return model

    def update_twin(self, twin: dict[str, str]) -> None:
        """Replace the displayed twin, so that a saved notebook is up to date."""
        self.twin = twin
        if self._twin_output is not None:
            self._twin_output.replace(self._paired_twin())

    def close(self) -> None:
        """Close the widget and its parts; the twin takes its place on the page."""
        if self.widget is not None:
            close_tree(self.widget)
            self.widget = None

    def _ipython_display_(self) -> None:
        self.show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the widget and the twin in one bundle, for front ends that show one output."""
        del include, exclude
        if self._build is None or not in_kernel():
            return dict(self.twin)
        return {**self._live_bundle(self._build), **self.twin}

    def _live_bundle(self, build: Callable[[], w.DOMWidget]) -> dict[str, Any]:
        if self.widget is None:
            self.widget = build()
            self.widget.add_class(f"classgame-live-{self._key}")
        return {
            **widget_view(self.widget.model_id),
            "text/plain": self.twin["text/plain"].partition("\n")[0],
        }

    def _paired_twin(self) -> dict[str, str]:
        widget, twin = f".classgame-live-{self._key}", f".classgame-twin-{self._key}"
        live, note = f"{widget}:not(.{DEAD})", f"classgame-note-{self._key}"
        child = ".jp-OutputArea-child"
        # Scoped to one cell's outputs: a copy of the notebook on the same page has its own pair.
        cell = ":is(.jp-OutputArea, body:not(:has(.jp-OutputArea)))"
        rules = (
            f"{cell}:has({live}) {twin},"
            f"{cell}:has({live}) {child}:has({twin}),"
            f"{cell}:not(:has({live})) {child}:has(+ {child} {twin}){{display:none}}"
            f"{cell}:has({widget}.{DEAD}) .{note}{{display:block!important}}"
        )
        html = f'<div class="{note}" style="display:none">{line(LIVE_ENDED)}</div>'
        html += self.twin["text/html"]
        return {
            **self.twin,
            "text/html": f'<style>{rules}</style><div class="{text(twin[1:])}">{html}</div>',
        }


def _remember(live: LiveWithTwin) -> None:
    with _open_lock:
        _open.append(live)
        old = [_open.popleft() for _ in range(len(_open) - MAX_OPEN)]
    for each in old:
        each.close()


def beside(html: str, figure: w.DOMWidget) -> w.HBox:
    """Put HTML and a live figure side by side, or one below the other where it is narrow."""
    layout = w.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="12px", width="100%")
    return w.HBox([w.HTML(html), figure], layout=layout)


def close_tree(widget: w.Widget, keep: w.Widget | None = None) -> None:
    """Close a widget and every widget it refers to: children, marks, scales, layouts, styles.

    What ``keep`` refers to as well stays open.
    """
    kept = set[int]()
    if keep is not None:
        list(_tree(keep, kept))
    for each in list(_tree(widget, kept)):
        each.close()


def _tree(value: Any, seen: set[int]) -> Iterator[w.Widget]:
    if isinstance(value, w.Widget):
        if id(value) in seen or value.comm is None:
            return
        seen.add(id(value))
        yield value
        for name in value.keys:
            yield from _tree(getattr(value, name), seen)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tree(each, seen)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tree(each, seen)
