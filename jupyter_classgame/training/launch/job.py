"""Carries out a job that was exported: ``torchrun ... -m jupyter_classgame.training.launch.job``.

It is started once for every process, by ``torchrun``, ``accelerate launch`` or ``srun``.
"""

import os

os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # leaves out its hints to developers

import argparse
import gc
import signal
import sys
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from jupyter_classgame.errors import ClassGameError, TrainingError
from jupyter_classgame.events import EpochEnded, Event, Noticed, RunEnded
from jupyter_classgame.training.device.backend_flags import take_over
from jupyter_classgame.training.device.launch_environment import LAUNCH, without_launch
from jupyter_classgame.training.launch.job_folder import (
    BEST,
    BLOB,
    README,
    RESULT,
    STATE,
    VERSION,
    job_facts,
)
from jupyter_classgame.training.launch.processes.rank_loop import Asked, RankControl, shared
from jupyter_classgame.training.launch.processes.run_pickle import read_blob
from jupyter_classgame.training.loop.training_loop import TrainingLoop
from jupyter_classgame.training.run.lifecycle import Run, unheard
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.state.capture import capture
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.restore import Restoration
from jupyter_classgame.training.wording import loss_text, score_text

STOPPED = 128 + signal.SIGTERM
"""Exit status of a job that is to be gone on with: what a shell gives for SIGTERM."""

SLURM = {"RANK": "SLURM_PROCID", "LOCAL_RANK": "SLURM_LOCALID", "WORLD_SIZE": "SLURM_NTASKS"}


def main(arguments: list[str] | None = None) -> int:
    """Be one process of a job; give the exit status."""
    parser = argparse.ArgumentParser(
        prog="jupyter_classgame.training.launch.job", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="what %%train --export-job has made")
    parser.add_argument("--cpu", action="store_true", help="leave GPUs alone")
    chosen = parser.parse_args(arguments)
    try:
        _carry_out(chosen.folder.resolve(), cpu=chosen.cpu or not torch.cuda.is_available())
    except ClassGameError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if (chosen.folder / RESULT).exists() else STOPPED


def _carry_out(folder: Path, *, cpu: bool) -> None:
    facts = job_facts(folder)
    if (here := VERSION) != (there := facts["versions"]["python"]):
        raise TrainingError(f"{folder}: it was written by Python {there}; this is Python {here}")
    sys.path += [each for each in facts["path"] if each not in sys.path]
    if (folder / RESULT).exists():
        sys.stdout.write(f"the run has ended; its result is in {folder / RESULT}\n")
        return
    for name, theirs in SLURM.items():
        if name not in os.environ and theirs in os.environ:
            os.environ[name] = os.environ[theirs]
    if any(name not in os.environ for name in LAUNCH):
        if int(os.environ.get("SLURM_NTASKS", "1")) > 1 and "SLURM_PROCID" in os.environ:
            missing = ", ".join(name for name in LAUNCH if name not in os.environ)
            raise TrainingError(f"{folder}: {missing} is not set; see {README} in it")
        # started by hand: the one process there is, whatever others have left of a launch
        alone = without_launch(os.environ)
        os.environ.clear()
        os.environ.update(
            alone, RANK="0", LOCAL_RANK="0", WORLD_SIZE="1", MASTER_ADDR="127.0.0.1",
            MASTER_PORT="0",
        )  # fmt: skip
    if cpu:
        os.environ["ACCELERATE_USE_CPU"] = "yes"
    if Path(facts["cwd"]).is_dir():
        os.chdir(facts["cwd"])
    take_over(facts["settings"])
    with (folder / BLOB).open("rb") as file:
        request, start = read_blob(file, folder)
    try:
        _train(request, start, folder, facts["ddp"], cpu=cpu)
    finally:
        gc.collect()  # what holds on to the group goes before it does
        if dist.is_initialized():
            dist.destroy_process_group()


def _train(
    request: RunRequest, start: RunStart, folder: Path, ddp: dict[str, Any], *, cpu: bool
) -> None:
    backend = "gloo" if cpu else "nccl"
    # a launcher may show each process its own device alone
    number = 0 if cpu else int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count()
    if not cpu:
        torch.cuda.set_device(number)
    if not dist.is_initialized():
        alone = os.environ["WORLD_SIZE"] == "1" and os.environ["MASTER_PORT"] == "0"
        if alone:
            store = dist.HashStore()  # type: ignore[attr-defined]
            dist.init_process_group(backend, store=store, rank=0, world_size=1)
        else:
            dist.init_process_group(backend)
    group: Any = dist.group.WORLD if cpu else dist.new_group(backend="gloo")
    if (folder / STATE).exists():
        best = Checkpoint.read(folder / BEST) if (folder / BEST).exists() else None
        start = Restoration(Checkpoint.read(folder / STATE), best).applied_to(start)
    asked = Asked()
    signal.signal(signal.SIGTERM, lambda *_: setattr(asked, "stop", True))
    control = RankControl(asked, group, _nothing, _nothing)
    device = torch.device("cpu" if cpu else f"cuda:{number}")
    request, ranks = shared(request, group, _nothing, device=device, ddp=ddp)
    kind = "CPU" if cpu else "GPU"
    where = f"one {kind}" if ranks.count == 1 else f"{ranks.count} processes on {kind}s"
    run = Run(request, TrainingLoop(device, ranks, where), control, start)
    dist.barrier(group)  # nobody writes a state that another is still to read
    run.execute(_Writer(run, folder) if ranks.accelerator.is_main_process else unheard)
    dist.barrier(group)  # nobody leaves while another still talks to it


class _Writer:
    """Writes the state of every epoch, and what has come of the run."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder

    def __call__(self, event: Event) -> None:
        run, history = self.run, self.run.history
        if isinstance(event, EpochEnded):
            state = capture(run, {"where": run.executor.where})
            if run.request.keep == "best" and history.best_epoch == event.epoch:
                state.write(self.folder / BEST)
            state.write(self.folder / STATE)
            validated = "" if event.val_acc is None else f", val_acc {score_text(event.val_acc)}"
            sys.stdout.write(
                f"epoch {event.epoch} of {event.epochs}: loss "
                f"{loss_text(event.train_loss)}{validated}\n"
            )
        elif isinstance(event, RunEnded) and history.stopped_by in ("epochs", "patience", "nan"):
            run.mark_good()
            more = {
                "where": run.executor.where, "stopped_by": history.stopped_by,
                "message": history.message, "epochs_begun": history.epochs_begun,
            }  # fmt: skip
            capture(run, more).write(self.folder / RESULT)
            sys.stdout.write(f"{history.message}; the result is in {self.folder / RESULT}\n")
        elif isinstance(event, Noticed):
            sys.stdout.write(f"{event.message}\n")
        sys.stdout.flush()


def _nothing(*_: object) -> None:
    """Leave no sign: whoever has started the processes looks after them."""


if __name__ == "__main__":
    sys.exit(main())
