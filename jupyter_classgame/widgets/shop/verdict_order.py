"""The card of a verdict with a button that buys what a run lacks."""

import logging
from typing import TYPE_CHECKING

import ipywidgets as w

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.cards.verdict_card import verdict_bundle, verdict_html
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.frontend import answer_while_busy
from jupyter_classgame.widgets.live_with_twin import LiveWithTwin
from jupyter_classgame.widgets.shop.counter import PLACES, outcome_text

if TYPE_CHECKING:
    from jupyter_classgame.referee import Verdict

logger = logging.getLogger(__name__)

BUY, KEEP = "Buy this", "Keep as a cell"


class VerdictOrder:
    """A verdict's card, and below it a button that carries out its order, once.

    Bought by click, the order can be kept as a cell, so that the notebook replays.

    Parameters
    ----------
    verdict
        One with an order, and with something to buy with.
    """

    def __init__(self, verdict: "Verdict") -> None:
        self._verdict = verdict
        self._clicked = False
        self.buy_button = w.Button(
            description=BUY,
            button_style="primary",
            tooltip=" ".join(verdict.order.splitlines()[1:]),
        )
        self.keep_button = w.Button(
            description=KEEP,
            tooltip="Inserts the %%shop cell that buys it",
            layout=w.Layout(display="none"),
        )
        self.outcome = w.HTML()
        self.buy_button.on_click(lambda _button: self.buy())
        self.keep_button.on_click(lambda _button: self.keep())
        for button in (self.buy_button, self.keep_button):
            answer_while_busy(button)
        row = w.HBox(
            [self.buy_button, self.keep_button, self.outcome],
            layout=w.Layout(flex_flow="row wrap", align_items="center"),
        )
        self.widget = w.VBox([w.HTML(verdict_html(verdict)), row])

    def buy(self) -> None:
        """Carry out the order and say what came of it; a second click does nothing."""
        if self._clicked or self._verdict.buy is None:
            return
        self._clicked = self.buy_button.disabled = True
        try:
            receipt = self._verdict.buy(self._verdict.order.partition("\n")[2])
        except ClassGameError as error:
            self._say(str(error))
        except Exception as error:
            logger.exception("the order of a verdict failed")
            self._say(f"nothing was bought ({error})")
        else:
            self.keep_button.layout.display = None
            self._say(f"{outcome_text(receipt.changes, receipt.after)} Run the cell again.")
            return
        self._clicked = self.buy_button.disabled = False

    def keep(self) -> None:
        """Put the order into a new cell."""
        self.keep_button.disabled = True
        comm_link.insert_cell(
            self._verdict.order, lambda where: self._say(f"The order {PLACES[where]}.")
        )

    def _say(self, message: str) -> None:
        self.outcome.value = markup.line(message, muted=False)


def verdict_view(verdict: "Verdict") -> LiveWithTwin:
    """Make the card of a verdict, with a button where there is an order to carry out."""
    build = (lambda: VerdictOrder(verdict).widget) if verdict.order and verdict.buy else None
    return LiveWithTwin(build, verdict_bundle(verdict))
