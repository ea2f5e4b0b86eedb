"""A run's numbers handed to an experiment tracker, by Accelerate's own classes for them."""

from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from accelerate import utils
from accelerate.tracking import LOGGER_TYPE_TO_CLASS

from jupyter_classgame.errors import TrainingError, one_line
from jupyter_classgame.events import EpochEnded, Event, RunEnded, RunStarted
from jupyter_classgame.training.device.launch_environment import ensure_state
from jupyter_classgame.training.history import NUMBERS

FOLDER = "classgame-logs"
"""Where trackers that write files write them, in the notebook's folder."""

PACKAGES = {"comet_ml": "comet-ml"}
"""Packages that are not called as their tracker."""


class Tracker:
    """Logs a run epoch by epoch; what goes wrong is told once, and the run goes on.

    No Accelerator is made: the tracker's class is taken by itself.

    Parameters
    ----------
    name
        A tracker that Accelerate knows, such as "tensorboard", "wandb" or "mlflow".
    project
        What the runs of one game are filed under.
    settings
        What is in use in the run: numbers and text.
    notice
        Told what a player should know.

    Raises
    ------
    TrainingError
        There is no such tracker, or its package is not installed.
    """

    def __init__(
        self,
        name: str,
        project: str,
        settings: Mapping[str, str | float],
        notice: Callable[[str], None],
    ) -> None:
        check_tracker(name)
        self.name, self.project, self.settings = name, project, dict(settings)
        self._notice = notice
        self._tracker: Any = None

    def __call__(self, event: Event) -> None:
        """Take one event of the run, before it is over."""
        try:
            if isinstance(event, RunStarted):
                self._start(event)
            elif isinstance(event, EpochEnded) and self._tracker is not None:
                values = {n: getattr(event, n) for n in NUMBERS if getattr(event, n) is not None}
                self._tracker.log(values, step=event.epoch)
            elif isinstance(event, RunEnded) and self._tracker is not None:
                tracker, self._tracker = self._tracker, None
                tracker.finish()
        except Exception as error:  # noqa: BLE001 - a service may be away; the run goes on
            self._tracker = None
            self._notice(f"no longer logged to {self.name}: {one_line(error)}")

    def _start(self, event: RunStarted) -> None:
        made: Any = LOGGER_TYPE_TO_CLASS[self.name]
        takes = signature(made.__init__).parameters
        run = f"{self.project}-run-{event.run}"
        arguments = {"run_name": run, "logging_dir": FOLDER}
        if "experiment_name" in takes:  # there, a run's name stands within its experiment's
            arguments = {"run_name": run, "experiment_name": self.project}
        ensure_state()
        tracker = made(**{name: value for name, value in arguments.items() if name in takes})
        if made.requires_logging_directory:
            Path(FOLDER).mkdir(exist_ok=True)
        if hasattr(tracker, "start"):
            tracker.start()
        self._tracker = tracker
        tracker.store_init_configuration(
            {**self.settings, "epochs": event.epochs, "seed": str(event.seed)}
        )


def check_tracker(name: str) -> None:
    """Refuse a tracker that cannot be used.

    Raises
    ------
    TrainingError
        There is no such tracker, or its package is not installed.
    """
    if name not in LOGGER_TYPE_TO_CLASS:
        raise TrainingError(f"--log {name}: write one of {', '.join(sorted(LOGGER_TYPE_TO_CLASS))}")
    there = getattr(utils, f"is_{name}_available", lambda: True)
    if not there():
        package = PACKAGES.get(name, name)
        raise TrainingError(f"--log {name}: it is not installed here; run %pip install {package}")
