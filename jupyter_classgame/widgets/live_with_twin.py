"""A live widget and its static twin, shown as a pair of which a reader sees one.

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

from jupyter_classgame.widgets.cell_output import publish, replace, widget_view
from jupyter_classgame.widgets.frontend import in_kernel
from jupyter_classgame.widgets.markup import line, text
from jupyter_classgame.widgets.page_states import DEAD, LIVE_ENDED

MAX_OPEN = 12
"""How many live charts stay open; the oldest closes and its twin appears in its place."""

_open: deque["Live"] = deque()
_open_lock = Lock()


class Live:
    """Something live with its static twin.

    Parameters
    ----------
    build
        Makes the widget, once, when it is first shown in a kernel; None: the twin is all there is.
    twin
        MIME bundle that stands for it: ``text/html``, ``text/plain`` and maybe ``image/png``.
    lasting
        It stays open however many others are opened.
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
        self._twin_id: str | None = None

    def show(self) -> None:
        """Display the pair; outside a kernel, the twin alone."""
        if self._build is None or not in_kernel():
            publish(self.twin)
            return
        publish({**self._live_bundle(self._build), "text/html": "<span></span>"})
        first = self._twin_id is None
        self._twin_id = self._twin_id or f"classgame-twin-{self._key}"
        publish(self._paired_twin(), self._twin_id)
        if first and not self._lasting:
            _remember(self)

    def update_twin(self, twin: dict[str, str]) -> None:
        """Replace the twin where it is displayed, so that what is saved is what is true."""
        self.twin = twin
        if self._twin_id is not None:
            replace(self._paired_twin(), self._twin_id)

    def close(self) -> None:
        """Close the widget and all it is made of; the twin takes its place on the page."""
        if self.widget is not None:
            close_tree(self.widget)
            self.widget = None

    def _ipython_display_(self) -> None:
        self.show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Give the widget and the twin in one bundle, for those who want one output."""
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
        # Both are in one cell's outputs; a copy of the notebook beside it has its own.
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


def _remember(live: Live) -> None:
    with _open_lock:
        _open.append(live)
        old = [_open.popleft() for _ in range(len(_open) - MAX_OPEN)]
    for each in old:
        each.close()


def beside(html: str, figure: w.DOMWidget) -> w.HBox:
    """Put HTML and a live figure side by side, or one below the other where it is narrow."""
    layout = w.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="12px", width="100%")
    return w.HBox([w.HTML(html), figure], layout=layout)


def close_tree(widget: w.Widget) -> None:
    """Close a widget and every widget it refers to: children, marks, scales, layouts, styles."""
    for each in list(_tree(widget, set())):
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
