"""Writes a run's checkpoints while it goes on: an observer of its epochs."""

import copy
import math
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import ClassGameError, one_line
from jupyter_classgame.training.module_names import by_plain_names
from jupyter_classgame.training.state.capture import capture
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError
from jupyter_classgame.training.state.run_store import RunFolder, RunStore
from jupyter_classgame.training.state.weights_fingerprint import fingerprint_of

if TYPE_CHECKING:
    from jupyter_classgame.training.run.lifecycle import Run


MEBIBYTE = 1024**2


class CheckpointWriter:
    """Writes one file an epoch, in a thread beside the training.

    Nothing that goes wrong here ends a run: it is told once.

    Parameters
    ----------
    store, folder
        Where to write.
    witness
        Told (epoch, fingerprint of the weights) before the file is written, in that thread; so
        whatever file there is has been witnessed.
    notice
        Told what a player should know, in the run's own thread.
    """

    def __init__(
        self,
        store: RunStore,
        folder: RunFolder,
        witness: Callable[[int, str], None],
        notice: Callable[[str], None],
    ) -> None:
        self.store, self.folder = store, folder
        self._witness, self._notice = witness, notice
        self._thread: Thread | None = None
        self._problems: list[tuple[str, str]] = []
        self._told: set[str] = set()
        self._open = False

    def open(self, facts: dict[str, Any], *, anew: bool) -> None:
        """Begin; where that is not possible the run goes on without checkpoints."""
        try:
            self.folder.open(facts, anew=anew)
            self._open = True
        except CheckpointError as error:
            self._notice(f"no checkpoints are kept of this run: {one_line(error)}")

    def epoch_ended(self, run: "Run", more: dict[str, Any]) -> None:
        """Write the epoch that has just ended; ``more`` are facts to keep with it."""
        self.wait()
        if not self._open:
            return
        try:
            checkpoint = capture(run, more)
            state = _state(run, checkpoint.facts.pop("weights"))
        except Exception as error:  # noqa: BLE001 - a user's object may do anything; the run goes on
            self._tell("file", f"no checkpoint of epoch {len(run.history)}: {one_line(error)}")
            return
        if checkpoint.facts["unkept"]:
            what = ", ".join(checkpoint.facts["unkept"])
            self._tell("unkept", f"a resumed run would differ: {what} cannot be kept")
        epoch, best = len(run.history), run.history.best_epoch
        if _forks(run):
            self._write(checkpoint, state, epoch, best)
            self._report()
        else:
            self._thread = Thread(
                target=self._write, args=(checkpoint, state, epoch, best), name="checkpoint"
            )
            self._thread.start()

    def close(self, ended: str) -> None:
        """Wait for the last file, and note how the run ended."""
        self.wait()
        if self._open:
            self._open = False
            self.folder.close(ended)

    def _write(self, checkpoint: Checkpoint, state: dict[str, Any], epoch: int, best: int) -> None:
        try:
            self._witness(epoch, fingerprint_of(state))
        except ClassGameError as error:
            told = f"epoch {epoch} is not in the ledger: {one_line(error)}"
            self._problems.append(("ledger", told))
        try:
            self.folder.write(checkpoint, epoch, best)
            if excess := self.store.prune(self.folder):
                self._problems.append(("cap", _too_large(self.store.cap, excess)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on
            told = f"no checkpoint of epoch {epoch}: {one_line(error)}"
            self._problems.append(("file", told))

    def wait(self) -> None:
        """Wait for the file that is being written, and tell what went wrong with it."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._report()

    def _report(self) -> None:
        problems, self._problems = self._problems, []
        for kind, message in problems:
            self._tell(kind, message)

    def _tell(self, kind: str, message: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            self._notice(message)


def _state(run: "Run", names: dict[str, str | None]) -> dict[str, Any]:
    """Give the model's ``state_dict`` at the last snapshot."""
    model = run.request.model
    now = by_plain_names(model, model.state_dict()) if None in names.values() else {}
    return {
        name: copy.deepcopy(now[name]) if kept is None else run.good.tensors[kept]
        for name, kept in names.items()
    }


def _too_large(cap: int, excess: int) -> str:
    limit, taken = (math.ceil(size / MEBIBYTE) for size in (cap, cap + excess))
    return (
        f"checkpoints take {taken:,} MiB, more than ClassGame.checkpoint_cap ({limit:,} MiB): "
        "those of a run under way are kept; raise it, or set ClassGame.checkpoints = False"
    )


def _forks(run: "Run") -> bool:
    """Whether loaders start processes each epoch: those must not begin in the middle of a write."""
    loaders = (run.request.train_loader, run.request.val_loader)
    return any(getattr(loader, "num_workers", 0) for loader in loaders)
