"""Controls of a run beside its chart: Pause, Stop and the learning rate."""

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from jupyter_classgame.training.run.hand_edits import learning_rate, set_learning_rate
from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.frontend import answer_while_busy
from jupyter_classgame.widgets.run.shared_looks import SharedLooks

if TYPE_CHECKING:
    from jupyter_classgame.training.run_control import RunControl

LONGEST = 20
"""Most characters of a wrong entry that its message quotes."""

_GROUPED = re.compile(r"_|[1-9]\d*,\d{3}\b")
"""Grouped digits, such as 1,000, where the meaning of the comma is ambiguous."""

RATE_TIP = (
    "Learning rate: a number and Enter set it from the next step on. Parameter groups that differ "
    "are scaled by the same factor; a scheduler may set it again."
)


class RunControls:
    """Buttons and a field that control a run; they take effect between two steps.

    Clicks run in the kernel's subshell while the cell is busy; :meth:`refresh` is called in the
    run's own thread.

    Parameters
    ----------
    control
        The control of the run.
    looks
        Layouts and styles to share.
    say
        Shows a message about a wrong entry, as HTML; called with an empty one when it is mended.

    Attributes
    ----------
    hint
        The message about a wrong entry, as HTML; empty without one.
    """

    def __init__(
        self,
        control: "RunControl",
        looks: SharedLooks | None = None,
        say: Callable[[str], None] = lambda _hint: None,
    ) -> None:
        self._control = control
        self._show_hint = say
        self.hint = ""
        looks = looks or SharedLooks()
        self.rate = w.Text(
            description="LR",
            tooltip=RATE_TIP,
            continuous_update=False,
            layout=looks.button,
            style={"description_width": "26px"},
        )
        self.pause_button = _button(
            looks,
            "Pause",
            "pause",
            "Rest after this batch; weights can be edited by hand meanwhile",
        )
        self.stop_button = _button(
            looks, "Stop", "stop", "Stop after this batch; what was trained is kept"
        )
        self.widgets = (self.rate, self.pause_button, self.stop_button)
        for widget in (self.pause_button, self.stop_button, self.rate):
            answer_while_busy(widget)
        self.pause_button.on_click(self._pause_clicked)
        self.stop_button.on_click(self._stop_clicked)
        self.rate.observe(self._rate_entered, "value")

    def refresh(self) -> None:
        """Show whether the run is paused, and its learning rate."""
        self._show_pause()
        if (optimizer := self._control.optimizer) is not None:
            self.rate.placeholder = f"{learning_rate(optimizer):.4g}"

    def _show_pause(self) -> None:
        paused = self._control.paused
        self.pause_button.description = "Resume" if paused else "Pause"
        self.pause_button.icon = "play" if paused else "pause"

    def _pause_clicked(self, _button: w.Button) -> None:
        if self._control.paused:
            self._control.resume()
        else:
            self._control.pause()
        self._show_pause()

    def _stop_clicked(self, button: w.Button) -> None:
        button.disabled = True
        button.description = "Stopping"
        button.icon = "hourglass-half"
        self.pause_button.disabled = self.rate.disabled = True
        self._control.stop()

    def _rate_entered(self, change: dict[str, Any]) -> None:
        entered = str(change["new"]).strip()
        optimizer = self._control.optimizer
        if not entered or optimizer is None:
            return
        rate = _number(entered)
        if rate is None:
            shown = entered if len(entered) <= LONGEST else entered[: LONGEST - 1] + "…"
            self._say(f"{shown}: a number, 0 or more, is needed")
            return
        set_learning_rate(optimizer, rate)
        self._say("")
        self.rate.value = ""  # the placeholder shows it from now on
        self.refresh()

    def _say(self, hint: str) -> None:
        style = f"font-family:{palette.FONT_CSS};margin-top:6px;color:{palette.BAD_CSS}"
        hint = f'<div style="{style}">{markup.text(hint)}</div>' if hint else ""
        if hint != self.hint:
            self.hint = hint
            self._show_hint(hint)


def _button(looks: SharedLooks, description: str, icon: str, tooltip: str) -> w.Button:
    return w.Button(
        description=description,
        icon=icon,
        tooltip=tooltip,
        layout=looks.button,
        style=looks.buttons,
    )


def _number(entered: str) -> float | None:
    """Parse a learning rate; None if it is none."""
    if _GROUPED.search(entered):
        return None
    try:
        rate = float(entered.replace(",", ".", 1))
    except ValueError:
        return None
    return rate if math.isfinite(rate) and rate >= 0 else None
