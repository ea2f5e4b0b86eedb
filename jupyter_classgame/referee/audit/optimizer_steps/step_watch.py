"""The steps of an optimizer, held against what its class makes of the same gradients."""

from collections.abc import Callable
from typing import Any

from jupyter_classgame.referee.audit.breach import UnauditableError
from jupyter_classgame.referee.audit.optimizer_steps.foreign_twin import ForeignTwin
from jupyter_classgame.referee.audit.optimizer_steps.torch_twin import PARTS, StepTwin
from jupyter_classgame.training.optimizer_class import is_torchs_own

ASKS = ("LBFGS",)
"""Those that ask for the loss in the middle of a step."""


class StepWatch:
    """Makes a twin for each step that is audited.

    One of torch's own steps each parameter by itself, so that copies of some will do; any other is
    copied whole. Nothing is known of such a class: only where its first twin agrees, as the look
    before the run has seen that step, does a later one count.

    Parameters
    ----------
    size
        How many numbers the model's parameters hold.
    shuffle
        Brings a list into an order that is drawn.
    """

    def __init__(self, size: int, shuffle: Callable[[list[Any]], None]) -> None:
        self._most, self._shuffle = max(size // PARTS, 1), shuffle
        self._twin: StepTwin | ForeignTwin | None = None
        self._agreed: set[type] = set()
        self._given_up: set[type] = set()
        self._kind: type = object

    def begins(self, optimizer: Any) -> None:
        """Make the twin of an optimizer that is about to step.

        Raises
        ------
        UnauditableError
            It can have none.
        """
        self._twin, self._kind = None, type(optimizer)
        if self._kind in self._given_up:
            return
        own = is_torchs_own(optimizer)
        if own and self._kind.__name__ in ASKS:
            self._give_up("it asks for the loss in the middle of a step")
        try:
            if own:
                self._twin = StepTwin.of(optimizer, self._most, self._shuffle)
            else:
                self._twin = ForeignTwin(optimizer)
        except UnauditableError as error:
            self._give_up(str(error))

    def taken(self) -> str:
        """Describe what the step just taken did that its twin did not; nothing where nothing.

        Raises
        ------
        UnauditableError
            It cannot be told.
        """
        twin, self._twin = self._twin, None
        if twin is None:
            return ""
        found = twin.difference()
        if isinstance(twin, ForeignTwin) and self._kind not in self._agreed:
            if found:
                self._give_up("a step of a copy comes out otherwise")
            self._agreed.add(self._kind)
        return found

    def _give_up(self, reason: str) -> None:
        self._given_up.add(self._kind)
        raise UnauditableError(f"{self._kind.__name__}: {reason}")
