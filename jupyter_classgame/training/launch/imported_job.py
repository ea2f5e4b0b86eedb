"""A run that has taken place elsewhere: its result is put into the user's objects."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import torch

from jupyter_classgame.training.launch.job_folder import read_result
from jupyter_classgame.training.loop.batch_source import loader_notes
from jupyter_classgame.training.run.lifecycle import Executor, Run
from jupyter_classgame.training.run.outcome import Ending, Failure
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.restore import Restoration, load_objects


class ImportedJob(Executor):
    """Trains nothing: brings the objects to where a job has brought them.

    Parameters
    ----------
    folder
        Of the job.

    Raises
    ------
    TrainingError
        There is no result.
    """

    begins_callbacks = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._result = read_result(folder)
        self._restoration = Restoration(self._result)
        self.device, self.where = torch.device("cpu"), str(self._result.facts["where"])

    def applied_to(self, request: RunRequest) -> RunRequest:
        """Give the request that the job has carried out, with the objects of this one.

        Raises
        ------
        TrainingError
            The objects are not those of the job.
        """
        self._restoration.check(request)
        facts = self._result.facts
        return replace(request, seed=facts["seed"], epochs=facts["epochs"])

    def started(self, start: RunStart) -> RunStart:
        """Give the start of a run that has all of the job's epochs from its beginning on."""
        note = f"imported from {self.folder}, trained on {self.where}"
        return replace(start, history=self._restoration.history, notes=(*start.notes, note))

    def prepare(self, request: RunRequest, start: RunStart, control: RunControl) -> None:
        """Say what there is to say of the loaders."""
        del start, control
        self.notes = loader_notes(request)

    def open(self, run: Run, stack: ExitStack) -> None:
        """Leave everything where it is."""

    def train(self, run: Run) -> Ending:
        """Load the result."""
        load_objects(self._result, run.request)
        facts = self._result.facts
        return Ending(facts["stopped_by"], facts["message"], facts["epochs_begun"])

    def failure(self, run: Run, error: BaseException) -> Failure:
        """Go back to the objects as they were, whatever it is."""
        run.good.restore()
        return Failure("error", "the run did not start", goes_back=False, raised=error)
