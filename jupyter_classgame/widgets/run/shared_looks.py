"""Layouts and styles that the widgets of one chart share; each is a comm of its own."""

from functools import cached_property

import ipywidgets as w
from ipywidgets.widgets.widget_bool import CheckboxStyle, ToggleButtonStyle
from ipywidgets.widgets.widget_string import HTMLStyle


class SharedLooks:
    """Makes each layout and style of a chart when it is first used."""

    @cached_property
    def line(self) -> w.Layout:
        """A whole line, in which what does not fit wraps."""
        return w.Layout(
            width="100%", max_width="1100px", flex_flow="row wrap", align_items="center",
            grid_gap="2px 8px",
        )  # fmt: skip

    @cached_property
    def growing(self) -> w.Layout:
        """What three buttons leave of a line, or a whole line where that is less than 360 pixels.

        So the three stay together.
        """
        basis = "max(100% - 376px, min(100%, (736px - 100%) * 999))"
        return w.Layout(width="auto", flex=f"1 1 {basis}", margin="0")

    @cached_property
    def button(self) -> w.Layout:
        """A button, as wide as any other, so that none moves when one is renamed."""
        return w.Layout(width="112px", flex="0 0 auto", margin="2px 0")

    @cached_property
    def fitted(self) -> w.Layout:
        """As wide as its text."""
        return w.Layout(width="auto", margin="0")

    @cached_property
    def figure(self) -> w.Layout:
        """One of two figures beside each other, or below where that is narrow."""
        return w.Layout(width="auto", height="250px", min_width="260px", flex="1 1 300px")

    @cached_property
    def html(self) -> HTMLStyle:
        """The style of HTML."""
        return HTMLStyle()

    @cached_property
    def buttons(self) -> w.ButtonStyle:
        """The style of buttons."""
        return w.ButtonStyle()

    @cached_property
    def toggles(self) -> ToggleButtonStyle:
        """The style of buttons that stay pressed."""
        return ToggleButtonStyle()

    @cached_property
    def ticks(self) -> CheckboxStyle:
        """The style of check boxes."""
        return CheckboxStyle()
