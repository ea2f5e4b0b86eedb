"""What becomes of a run of the game: watched, recorded, kept, logged and saved."""

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.events import EpochEnded, Event, HandEdited, RunEnded, RunStarted
from jupyter_classgame.referee import RunGuard, Verdict
from jupyter_classgame.referee.audit.breach import Breach
from jupyter_classgame.session.runs.checkpoint_keeper import Keeper
from jupyter_classgame.session.runs.model_card import model_card, project_of, settings_of
from jupyter_classgame.session.runs.resumption import CutOff
from jupyter_classgame.session.scoring.final_images import changed_by_size, remember
from jupyter_classgame.session.weights_origin import WeightsOrigin, lives
from jupyter_classgame.shop.storage.records import RunAudits, RunNumbers, RunRecord, TensorMark
from jupyter_classgame.training.history import History
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.state.checkpoint_file import CheckpointError
from jupyter_classgame.training.state.model_export import ModelFile
from jupyter_classgame.training.state.tensor_marks import tensor_marks, trained_marks
from jupyter_classgame.training.state.weights_fingerprint import fingerprint, unwrapped
from jupyter_classgame.training.tracker import Tracker
from jupyter_classgame.training.wording import rounded_score

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


ASKING, ASKING_SHARE = 0.1, 0.01
"""Seconds, and the share of a run's time, for asking about a batch as of a final score."""


class Recorder:
    """Watches a run epoch by epoch, records its end, and passes its events on.

    ``unrecorded`` says why the ledger did not take the run's start; nothing where it did.
    """

    def __init__(
        self,
        game: "Context",
        run: Run,
        record: RunRecord,
        origin: WeightsOrigin,
        verdict: Verdict,
        guard: RunGuard,
        unrecorded: str = "",
    ) -> None:
        self.unrecorded = unrecorded
        self.breaches: list[Breach] = []
        self.game, self.run, self.request = game, run, run.request
        self.record, self.origin, self.verdict, self.guard = record, origin, verdict, guard
        self.keeper: Keeper | None = None
        self.tracker: Tracker | None = None
        self.export: ModelFile | None = None
        self._let_go: Callable[[], None] = lambda: None
        self._begun: dict[str, TensorMark] = {}

    def observe(self, chosen: Options, export: ModelFile | None, resumed: CutOff | None) -> None:
        """Let the run be kept, logged and saved as its options say."""
        game, self.export = self.game, export
        if game.config.checkpoints:
            self.keeper = Keeper(game, self.run, self.record, self.origin, chosen, resumed)
        if chosen.log is not None:
            settings = settings_of(game, self.request, self.verdict)
            self.tracker = Tracker(chosen.log, project_of(game), settings, self.run.notice)

    def __call__(self, event: Event) -> None:
        """Take an event of the run, and pass it on."""
        if isinstance(event, RunStarted):
            if self.run.ranked:
                self._let_go = self.game.keep(self.record_name, self.record.in_use)
            self._begun = tensor_marks(self.request.model)
            self.game.events.publish(event)
            if self.unrecorded:
                self.run.disqualify(self.unrecorded)
            if self.keeper is not None:
                self.keeper.begin()
        elif isinstance(event, EpochEnded):
            self._look()
            if self.keeper is not None:
                self.keeper.epoch_ended(self.guard.edits)
            self.game.events.publish(event)
        elif isinstance(event, HandEdited):
            self._hear(event)
            self.game.events.publish(event)
        elif isinstance(event, RunEnded):
            try:
                self._end(event)
            finally:
                self._let_go()
                self.game.events.publish(event)
        else:
            self.game.events.publish(event)
        if self.tracker is not None and not isinstance(event, RunEnded):
            self.tracker(event)

    @property
    def record_name(self) -> str:
        """What the run is called where it is said what it uses."""
        return f"run {self.record.number} ({self.record.label})"

    def _look(self) -> None:
        for breach in self.guard.check():
            self._disqualify(breach)

    def _hear(self, event: HandEdited) -> None:
        self.guard.hear(event.settings)
        if self.run.ranked:
            self._look()

    def audited(self, breach: Breach) -> None:
        """Take the rank of a run in which an audit found what it should not."""
        self.breaches.append(breach)
        self._disqualify(breach.text)

    def _disqualify(self, reason: str) -> None:
        if self.run.ranked:
            self._let_go()
            self.run.disqualify(f"no longer ranked: {reason}")

    def _end(self, event: RunEnded) -> None:
        history = self.run.history
        self._look()  # a run may end within an epoch
        if self.keeper is not None:
            self.keeper.wait()
        request, weights = self.request, fingerprint(self.request.model)
        moved = weights != self.origin.weights
        life = request.first_epoch + (history.epochs_begun if moved else self.run.start.done)
        lives[unwrapped(request.model)] = life, weights
        self.game.histories.append(history)
        best = history.best_epoch - 1
        seconds = sum(history.seconds)
        answers = remember(self.game, request, weights, seconds)
        if self.run.ranked and history.epochs_begun and answers is not None:
            limit = max(ASKING, ASKING_SHARE * seconds)
            if other := changed_by_size(self.game, request, weights, limit):
                self._disqualify(other)
        eligible = self.run.ranked and history.epochs_begun > 0
        ranked = False
        try:
            ranked = self.record.recorded and self.game.ledger.end_run(
                self.game.record,
                self.record,
                stopped_by=str(history.stopped_by),
                epochs=len(history),
                life_epochs=life,
                weights=weights,
                ranked=eligible,
                val_acc=history.val_acc[best] if history.val_acc and best >= 0 else None,
                val_loss=history.val_loss[best] if history.val_loss and best >= 0 else None,
                edits=self.guard.edits,
                rates=() if self.guard.scheduled else self.guard.learning_rates(),
                answers=answers,
                numbers=_numbers(history),
                tensors=trained_marks(self._begun, tensor_marks(request.model)) if moved else (),
                audits=RunAudits(
                    history.audits, list(map(asdict, self.breaches)), history.unaudited
                ),
            )
            if eligible and not ranked:
                self.run.notice(
                    "not ranked: what the run used was returned meanwhile", unranked=True
                )
        except LedgerError as error:
            self.run.notice(f"not recorded, and not ranked: {error}", unranked=True)
        self.run.confirm_rank(ranked=ranked)
        if self.tracker is not None:
            self.tracker(event)
        if self.export is not None and history.epochs_begun:
            self._save(self.export, history)
        if self.keeper is not None:
            self.keeper.end(str(history.stopped_by))

    def _save(self, export: ModelFile, history: History) -> None:
        request, owned = self.request, dict(self.record.owned)
        card = model_card(self.game, request, self.verdict, history, owned=owned, name=export.name)
        try:
            file, text = export.write(request.model, card)
        except CheckpointError as error:
            self.run.notice(f"not saved: {error}")
        else:
            self.run.notice(f"saved as {file.name}, with its card {text.name}")


MOST_POINTS, MOST_EDITS = 200, 20
"""Most points of a curve and most edits by hand in the ledger."""

CURVES = ("train_loss", "val_loss", "train_acc", "val_acc", "lr")


def _numbers(history: History) -> RunNumbers:
    """Sum up what was measured, with curves short enough for a ledger, over the model's life."""
    best, first = history.best_epoch, history.first_epoch
    curves: dict[str, list[list[Any]]] = {
        name: _points(getattr(history, name), first) for name in CURVES
    }
    for name in ("train_acc", "val_acc"):
        curves[name] = [[epoch, rounded_score(value)] for epoch, value in curves[name]]
    curves["edits"] = [[first + epoch, text] for epoch, text in history.edits[-MOST_EDITS:]]
    return RunNumbers(
        first_rate=history.lr[0] if history.lr else None,
        last_rate=history.lr[-1] if history.lr else None,
        seconds=sum(history.seconds),
        train_acc=history.train_acc[best - 1] if best else None,
        curves=curves,
    )


def _points(values: list[float], first: int) -> list[list[Any]]:
    """Give pairs of epoch, after ``first``, and value; of many every n-th and the last."""
    step = -(-len(values) // (MOST_POINTS - 1)) or 1
    epochs = [*range(1, len(values), step), len(values)] if values else []
    points = ((epoch, values[epoch - 1]) for epoch in epochs)
    return [[first + e, float(f"{value:.6g}")] for e, value in points if math.isfinite(value)]
