"""Where a run takes place: in the kernel, in processes beside it, or on other machines."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_classgame.events import Event
    from jupyter_classgame.training.history import History
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest
    from jupyter_classgame.training.run.run_start import RunStart
    from jupyter_classgame.training.run_control import RunControl


def launch_run(
    request: "RunRequest", control: "RunControl", start: "RunStart | None" = None
) -> "Run":
    """Prepare a run where its request wants it; what can be refused beforehand is.

    Raises
    ------
    TrainingError
        There are no such devices, or the request does not fit them.
    """
    from jupyter_classgame.training.launch.accelerate_config import AccelerateConfig  # noqa: PLC0415
    from jupyter_classgame.training.launch.device_choice import choose_devices  # noqa: PLC0415
    from jupyter_classgame.training.run.lifecycle import Executor, Run  # noqa: PLC0415 - loads torch
    from jupyter_classgame.training.run.run_start import RunStart  # noqa: PLC0415

    start = start or RunStart()
    devices = choose_devices(request.devices)
    config = AccelerateConfig.read(request.accelerate_config)
    request = config.applied_to(request)
    if devices.note:
        start = replace(start, notes=(*start.notes, devices.note))
    executor: Executor
    if devices.count == 1:
        from jupyter_classgame.training.loop.training_loop import TrainingLoop  # noqa: PLC0415

        executor = TrainingLoop(devices.first)
    else:
        from jupyter_classgame.training.launch.processes.process_executor import (  # noqa: PLC0415 - only where it is asked for
            ProcessExecutor,
        )

        executor = ProcessExecutor(devices, config.ddp)
    return Run(request, executor, control, start)


def import_run(
    request: "RunRequest", folder: "Path", control: "RunControl", start: "RunStart | None" = None
) -> "Run":
    """Prepare a run that takes over what a job in a folder has trained.

    Raises
    ------
    TrainingError
        There is no result, or it does not fit the objects.
    """
    from jupyter_classgame.training.launch.imported_job import ImportedJob  # noqa: PLC0415 - loads torch
    from jupyter_classgame.training.run.lifecycle import Run  # noqa: PLC0415
    from jupyter_classgame.training.run.run_start import RunStart  # noqa: PLC0415

    job = ImportedJob(folder)
    return Run(job.applied_to(request), job, control, job.started(start or RunStart()))


def train(
    request: "RunRequest",
    publish: "Callable[[Event], None]",
    control: "RunControl | None" = None,
    start: "RunStart | None" = None,
) -> "History":
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
    from jupyter_classgame.training.run_control import RunControl  # noqa: PLC0415

    return launch_run(request, control or RunControl(), start).execute(publish)
