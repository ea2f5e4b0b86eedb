"""A run in processes beside the kernel, and its state brought back into the user's objects."""

import os
import sys
import weakref
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from jupyter_classgame.data.temporary_folder import scratch_folder
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import HandEdited, Noticed, RunPaused
from jupyter_classgame.training.device import backend_flags
from jupyter_classgame.training.launch.device_choice import Devices
from jupyter_classgame.training.launch.processes.messages import Message, unpacked
from jupyter_classgame.training.launch.processes.process_pool import Pool, borrowed
from jupyter_classgame.training.launch.processes.rank_failures import Patience, RankError, failure
from jupyter_classgame.training.launch.processes.remote_changes import (
    Change,
    Structure,
    changed_structure,
    edit,
    edited,
    same_tensors,
    settings_of_all,
    structure_of,
)
from jupyter_classgame.training.launch.processes.run_pickle import write_auditor, write_blob
from jupyter_classgame.training.loop.batch_source import loader_notes
from jupyter_classgame.training.run.hand_edits import Settings
from jupyter_classgame.training.run.lifecycle import Executor, Run
from jupyter_classgame.training.run.outcome import Ending, Failure
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.capture import capture_objects
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.restore import load_objects, load_run

POLL = 0.05
"""Seconds between two looks at what the kernel's side asks for."""


class _RebuiltError(TrainingError):
    """What is trained has other parts now than the processes have."""

    def __init__(self, change: str) -> None:
        super().__init__(
            f"{change}: on several devices a run keeps the layers, parameter groups and frozen "
            "parameters that it began with; stop it first, and train on"
        )


_numbers = count(1)


class ProcessExecutor(Executor):
    """Lets processes beside the kernel take a run's steps; ``rank_loop.py`` is one of them.

    The user's objects are as after the last whole epoch while it is under way, and stay where they
    are. What the processes tell is published in the calling thread.

    Parameters
    ----------
    devices
        At least two.
    ddp
        Settings of DistributedDataParallel.
    """

    def __init__(self, devices: Devices, ddp: dict[str, Any]) -> None:
        self.devices, self._ddp = devices, ddp
        self.device, self.where = devices.first, str(devices)
        self.run: Run
        self._number = next(_numbers)
        self._blob = scratch_folder() / f"run-{self._number}.pickle"
        self._auditor = self._blob.with_name(f"auditor-{self._number}.pickle")
        self._asked: tuple[bool, bool] = (False, False)
        self._noted = self._sent = 0
        self._unseen: list[tuple[int, Change]] = []
        self._at_rest: Checkpoint | None = None
        self._settings: list[Settings] = []
        self._structure: Structure = []

    def prepare(self, request: RunRequest, start: RunStart, control: RunControl) -> None:
        """Write all that is sent to the processes.

        Raises
        ------
        TrainingError
            Something cannot be sent.
        """
        del control
        divided = f"every batch is divided among {self.devices.count} processes"
        self.notes = (divided, *loader_notes(request))
        write_blob(request, start, self._blob)
        weakref.finalize(self, self._blob.unlink, missing_ok=True)
        self._structure = structure_of(request)

    def open(self, run: Run, stack: ExitStack) -> None:
        """Leave the objects where they are."""
        self.run = run
        stack.callback(vars(self).pop, "run")  # they refer to each other, and to all objects

    def train(self, run: Run) -> Ending:
        """Let the processes train, and take in what they tell, up to the end of the run."""
        if run.start.restore is not None:  # they do the same: what a failure goes back to
            run.start.restore(run)
        try:
            end = self._follow()
        finally:
            self._blob.unlink(missing_ok=True)
            self._auditor.unlink(missing_ok=True)
        self._check_structure()
        self._take_audits(end)
        load_objects(_handed_over(end), run.request)
        return Ending(end["stopped_by"], end["message"], end["epochs_begun"])

    def failure(self, run: Run, error: BaseException) -> Failure:
        """Say what an error means, of a process or in taking in what they tell."""
        match error:
            case KeyboardInterrupt():
                return Failure("user", f"interrupted twice in epoch {run.epoch}")
            case RankError():
                return Failure("error", error.told, raised=error.raised())
            case _RebuiltError():
                told = f"{error} in epoch {run.epoch}; all is left as it is now"
                return Failure("error", told, goes_back=False, raised=error)
        return Failure("error", f"{type(error).__name__} in epoch {run.epoch}", raised=error)

    # -- with the processes -----------------------------------------------------------------

    def _follow(self) -> Message:
        """Follow the processes to the end; give the message of it."""
        request = self.run.request
        idle, patience = request.devices_idle, request.devices_patience
        self._settings = settings_of_all(request)
        with borrowed(self.devices, idle=idle, patience=patience) as pool:
            pool.tell(self._order(), all_of_them=True)
            return self._until_done(pool, Patience(pool, patience))

    def _until_done(self, pool: Pool, patience: Patience) -> Message:
        done, end = set[int](), Message()
        while len(done) < self.devices.count:
            self._steer(pool)
            for rank, message in pool.receive(POLL):
                if message["kind"] == "error":
                    raise failure(pool, (rank, message))
                if message.get("number") != self._number:
                    continue
                if message["kind"] == "done":
                    done.add(rank)
                elif message["kind"] == "end":
                    end = message
                else:
                    self._take(message)
            if pool.dead():
                raise failure(pool)
            patience.check()
        return end

    def _order(self) -> Message:
        run = self.run
        return {
            "kind": "run",
            "number": self._number,
            "blob": str(self._blob),
            "auditor": write_auditor(run.auditor.elsewhere(), self._auditor),
            "run": run.number,
            "label": run.label,
            "path": sys.path,
            "cwd": os.getcwd(),  # noqa: PTH109 - as it is written in messages
            "ddp": self._ddp,
            "settings": backend_flags.settings(),
        }

    def _take(self, message: Message) -> None:
        run = self.run
        if message["kind"] == "epoch":
            self._take_epoch(message)
            return
        if message["kind"] == "breach":
            run.auditor.breached(run, message["fields"])
            return
        run.epoch = message["epoch"]
        event = unpacked(message)
        if isinstance(event, Noticed):
            run.notice(event.message, unranked=event.unranked)
            return
        if isinstance(event, HandEdited):
            run.history.edits.append((event.epoch, event.text))
        elif isinstance(event, RunPaused):
            if event.paused:
                self._at_rest = _handed_over(message)
                self._note_edits()
                load_objects(self._at_rest, run.request)
                self._edit_again(message["applied"])
            run.control.rests(event.paused)
        run.publish(event)

    def _take_epoch(self, message: Message) -> None:
        run, checkpoint = self.run, _handed_over(message)
        self._note_edits()  # at the last moment: loading writes over what is edited later
        load_run(checkpoint, run)
        if checkpoint.facts["precision"] == "no":  # whatever was chosen, the model may not suit it
            run.precision = run.precision.full()
        self._edit_again(message["applied"])
        run.epoch, run.val_seconds = message["epoch"], message["val_seconds"]
        self._take_audits(message)
        run.record(message["numbers"], message["lr"], message["seconds"])

    def _take_audits(self, message: Message) -> None:
        history = self.run.history
        history.audits, history.unaudited = message["audits"], message["unaudited"]

    # -- what the kernel's side asks for ----------------------------------------------------

    def _steer(self, pool: Pool) -> None:
        """Pass on what was asked for or changed since the last look."""
        self._note_edits()
        asked = (self.run.control.stopping, self.run.control.wants_rest)
        if self._asked[1] and not asked[1]:
            self._note_weights(pool)
        new = [each for each in self._unseen if each[0] > self._sent]
        if asked == self._asked and not new:
            return
        self._asked = asked
        changes: list[Change | None] = [each[1] for each in new]
        for change in changes or [None]:
            ask = {"kind": "ask", "stop": asked[0], "rest": asked[1], "change": change}
            pool.tell(ask)
        self._sent += len(new)

    def _check_structure(self) -> None:
        """See to it that the objects still have the parts that were sent to the processes.

        Raises
        ------
        _RebuiltError
            A parameter or a parameter group is another, or was frozen or unfrozen.
        """
        if change := changed_structure(self._structure, structure_of(self.run.request)):
            raise _RebuiltError(change)

    def _note_edits(self) -> None:
        """Remember what was edited by hand in the optimizers' groups."""
        self._check_structure()
        now = settings_of_all(self.run.request)
        if settings := edited(self._settings, now):
            self._note({"state": None, "settings": settings})
        self._settings = now

    def _note_weights(self, pool: Pool) -> None:
        """Remember what was changed by hand in the objects while the run was at rest."""
        before, self._at_rest = self._at_rest, None
        if before is None:
            return
        now = capture_objects(self.run.request, self.run.snapshot())
        if same_tensors(before, now):
            return
        path = pool.folder / f"changed-{self._number}-{self._noted + 1}"
        now.hand_over(path)
        self._note({"state": str(path), "settings": []})

    def _note(self, change: Change) -> None:
        self._noted += 1
        self._unseen.append((self._noted, change))

    def _edit_again(self, applied: int) -> None:
        """Let edits stand of which a state that was loaded does not know yet."""
        self._unseen = [each for each in self._unseen if each[0] > applied]
        for _, change in self._unseen:
            edit(self.run.request.optimizers, change["settings"])
        self._settings = settings_of_all(self.run.request)


def _handed_over(message: Message) -> Checkpoint:
    """Read the state that came with a message."""
    path = Path(message["state"])
    checkpoint = Checkpoint.read(path)
    path.unlink()
    return checkpoint
