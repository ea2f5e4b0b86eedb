"""Keeps a run of the game: a checkpoint and a line in the ledger for every epoch."""

from typing import TYPE_CHECKING, Any

from jupyter_classgame.session.namespace import name_of
from jupyter_classgame.session.runs.resumption import CutOff, folder_of, store_of
from jupyter_classgame.session.weights_origin import WeightsOrigin
from jupyter_classgame.shop.storage.records import RunRecord
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.state.checkpoint_writer import CheckpointWriter

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


class Keeper:
    """Writes the checkpoints of one run of a game.

    Parameters
    ----------
    record
        The run as the ledger has it.
    origin
        Where its weights come from.
    resumed
        The run that it resumes, where it does.
    """

    def __init__(
        self,
        game: "Context",
        run: Run,
        record: RunRecord,
        origin: WeightsOrigin,
        chosen: Options,
        resumed: CutOff | None,
    ) -> None:
        self.game, self.run, self.record = game, run, record
        self._anew, self._first_weights = resumed is None, origin.weights
        folder = resumed.folder if resumed else folder_of(game, record)
        self._writer = CheckpointWriter(store_of(game), folder, self._witness, run.notice)
        self._ranked = False
        self._kept: dict[str, Any] = {
            "run": {"label": record.label, "started": record.started.isoformat()},
            "options": chosen.saved(),
            "then": name_of(chosen.then, game.namespace, "optimizer2") if chosen.then else "",
        }

    def begin(self) -> None:
        """Make the run's folder."""
        self._writer.open(self._kept["run"], anew=self._anew)

    def epoch_ended(self, hand_edits: int) -> None:
        """Keep the epoch that has just ended; ``hand_edits`` of the learning rate came before."""
        self._writer.wait()  # the ledger's line is of this epoch from here on
        self._ranked = self.run.ranked
        self._writer.epoch_ended(self.run, {**self._kept, "hand_edits": hand_edits})

    def wait(self) -> None:
        """Wait until all is written."""
        self._writer.wait()

    def end(self, stopped_by: str) -> None:
        """Note that the run has ended."""
        self._writer.close(stopped_by)
        del self._writer  # it tells of every epoch here: the two would keep each other alive

    def _witness(self, epoch: int, weights: str) -> None:
        if weights == self._first_weights or not self.record.recorded:
            return  # the first weights say nothing of this run
        self.game.ledger.record_epoch(
            self.record,
            epoch=epoch,
            life_epochs=self.run.request.first_epoch + epoch,
            weights=weights,
            ranked=self._ranked,
        )
