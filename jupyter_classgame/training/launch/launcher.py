"""Prepares a run with the executor that its request wants."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jupyter_classgame.events import Event
from jupyter_classgame.training.history import History
from jupyter_classgame.training.launch.accelerate_config import AccelerateConfig
from jupyter_classgame.training.launch.device_choice import choose_devices
from jupyter_classgame.training.launch.imported_job import ImportedJob
from jupyter_classgame.training.launch.processes.process_executor import ProcessExecutor
from jupyter_classgame.training.loop.training_loop import TrainingLoop
from jupyter_classgame.training.run.lifecycle import Executor, Run
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import FRESH_START, RunStart
from jupyter_classgame.training.run_control import RunControl


def launch_run(request: RunRequest, control: RunControl, start: RunStart = FRESH_START) -> Run:
    """Prepare a run where its request wants it; what can be refused beforehand is.

    Raises
    ------
    TrainingError
        There are no such devices, or the request does not fit them.
    """
    devices = choose_devices(request.devices)
    config = AccelerateConfig.read(request.accelerate_config)
    request = config.applied_to(request)
    if devices.note:
        start = replace(start, notes=(*start.notes, devices.note))
    executor: Executor
    if devices.count == 1:
        executor = TrainingLoop(devices.first)
    else:
        executor = ProcessExecutor(devices, config.ddp)
    return Run(request, executor, control, start)


def import_run(
    request: RunRequest, folder: Path, control: RunControl, start: RunStart = FRESH_START
) -> Run:
    """Prepare a run that takes over what a job in a folder has trained.

    Raises
    ------
    TrainingError
        There is no result, or it does not fit the objects.
    """
    job = ImportedJob(folder)
    return Run(job.applied_to(request), job, control, job.started(start))


def train(
    request: RunRequest,
    publish: Callable[[Event], None],
    control: RunControl | None = None,
    start: RunStart = FRESH_START,
) -> History:
    """Train a model in place.

    Parameters
    ----------
    request
        What to train and how.
    publish
        Called with the run's events, in this thread.
    control
        May stop or pause the run; interrupts go through it.
    start
        Where the run begins; by default at its first epoch.

    Returns
    -------
    History
        Its ``stopped_by`` says how the run ended.

    Raises
    ------
    TrainingError
        A mistake in what was given, such as too few outputs; the state is as before the run.
    Exception
        Whatever the user's own objects raise.
    """
    return launch_run(request, control or RunControl(), start).execute(publish)
