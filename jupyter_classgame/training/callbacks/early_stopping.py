"""Early stopping (Prechelt 1998, "Early Stopping - But When?")."""

from typing import TYPE_CHECKING, Any

from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.wording import counted

if TYPE_CHECKING:
    from jupyter_classgame.training.options.values import Options
    from jupyter_classgame.training.run.lifecycle import Run


class EarlyStopping(Callback):
    """Ends a run whose monitored number gets no better.

    Parameters
    ----------
    patience
        Epochs without a better one after which the run ends, at least 1.
    min_delta
        How much better is better; at least 0.
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience, self.min_delta = patience, min_delta
        self._best: float | None = None
        self._waited = 0

    @classmethod
    def of(cls, options: "Options") -> "EarlyStopping":
        """Read the options."""
        return cls(options.patience, options.min_delta)

    def on_epoch_end(self, run: "Run", numbers: dict[str, float]) -> None:
        """Compare the epoch with the best so far."""
        monitor = run.request.watched
        value = -numbers[monitor] if monitor.endswith("loss") else numbers[monitor]
        if self._best is None or value > self._best + self.min_delta:
            self._best, self._waited = value, 0
        else:
            self._waited += 1

    def stop_reason(self, run: "Run") -> str:
        """Say that patience is at its end."""
        if self._waited < self.patience:
            return ""
        return f"no better {run.request.watched} for {counted(self.patience, 'epoch')}"

    def state_dict(self) -> dict[str, Any]:
        """Give the best value so far and the epochs since."""
        return {"best": self._best, "waited": self._waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to such a state."""
        self._best, self._waited = state["best"], state["waited"]
