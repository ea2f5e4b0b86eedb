"""Layouts and styles shared by many widgets, which would otherwise each create their own.

Classes and tooltips are passed at construction; set later, each would cost a message.
"""

import ipywidgets as w
from ipywidgets.widgets.widget_string import HTMLStyle

from jupyter_classgame.widgets.frontend import answer_while_busy


class SharedStyles:
    """Layouts and styles shared by all the widgets of a shop."""

    def __init__(self) -> None:
        self.plain = w.Layout()
        self.button = w.ButtonStyle()
        self.html = HTMLStyle()

    def make_button(
        self, label: str, *classes: str, primary: bool = False, tooltip: str = ""
    ) -> w.Button:
        """Make a button that answers while a cell runs."""
        button = w.Button(
            description=label,
            tooltip=tooltip,
            button_style="primary" if primary else "",
            layout=self.plain,
            style=self.button,
            _dom_classes=("cg-button", *classes),
        )
        answer_while_busy(button)
        return button

    def make_html(self, value: str) -> w.HTML:
        """Make a piece of HTML."""
        return w.HTML(value, layout=self.plain, style=self.html)

    def stack(self, classes: str, *children: w.Widget) -> w.Box:
        """Stack widgets in a box with CSS classes."""
        return w.VBox(children, layout=self.plain, _dom_classes=tuple(classes.split()))

    def row(self, classes: str, *children: w.Widget) -> w.Box:
        """Put widgets in a row with CSS classes."""
        return w.HBox(children, layout=self.plain, _dom_classes=tuple(classes.split()))
