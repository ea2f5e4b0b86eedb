"""A run as a folder of files, for machines that are started by other means, and back."""

import json
import shlex
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import torch

from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.data.images.mapped_pixels import write_pixels
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.device import backend_flags
from jupyter_classgame.training.launch.accelerate_config import AccelerateConfig
from jupyter_classgame.training.launch.processes.run_pickle import Pickler, write_blob
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import FRESH_START, RunStart
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError
from jupyter_classgame.training.state.weights_fingerprint import unwrapped
from jupyter_classgame.user_code import is_users
from jupyter_classgame.version import __version__

BLOB, FACTS, STATE, BEST, RESULT, README = (
    "run.pickle", "job.json", "state.safetensors", "best.safetensors", "result.safetensors",
    "README.md",
)  # fmt: skip

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

TEXT = """# A run of {model}: {epochs} epochs, seed {seed}

This folder is a whole run, made by `%train --export-job`. Every machine that takes part needs to
see it under some path (a shared file system), also the files that datasets of your own read, and
needs the same packages: Python {python}, jupyter-classgame {jupyter_classgame}, torch {torch}.
Reading `run.pickle` runs code in it, as running the notebook would.

A batch of the notebook's loader is divided among all processes. Any number of them may train; the
numbers are those of one, but for rounding, where the model has no batch norm and no dropout.

One machine, four processes:

    torchrun --nproc-per-node 4 -m {module} {folder}

Two machines, four processes each; the same on both, with `--node-rank 0` on the first and 1 on the
second:

    torchrun --nnodes 2 --node-rank 0 --nproc-per-node 4 \\
        --master-addr FIRST_MACHINE --master-port 29500 -m {module} {folder}

By Accelerate, on GPUs (without any, it starts one process):

    accelerate launch --num_processes 4 -m {module} {folder}

By SLURM, in a batch script with `#SBATCH --nodes=2 --ntasks-per-node=4`:

    export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
    export MASTER_PORT=29500
    srun python -m {module} {folder}

Add `--cpu` at the end where GPUs are to be left alone.

After every epoch the state is in `state.safetensors`. The same command again goes on from there.
When `result.safetensors` is there, `%train --import-job {folder}` in the notebook that it came from
puts the trained state into its model and optimizer.
"""


class _Pickler(Pickler):
    """Writes images beside the pickle."""

    def __init__(self, file: BinaryIO, folder: Path, written: dict[int, str]) -> None:
        super().__init__(file)
        self.folder, self.written = folder, written

    def file_of(self, images: ResidentImages) -> Path:
        if id(images) not in self.written:
            name = f"images-{len(self.written)}.u8"
            write_pixels(images, self.folder / name)
            self.written[id(images)] = name
        return Path(self.written[id(images)])


def export_job(request: RunRequest, folder: Path, start: RunStart = FRESH_START) -> Path:
    """Write a run to a folder, for :mod:`~.job` to carry out; a new folder is there whole or not.

    An empty one is filled and stays the one it is: it may be the notebook's own.

    Raises
    ------
    TrainingError
        The folder holds something, cannot be written, the request cannot be pickled, or its
        Accelerate configuration cannot be used.
    """
    option = f"--export-job {folder}"
    config = AccelerateConfig.read(request.accelerate_config)
    request = config.applied_to(request)
    folder = folder.resolve()
    try:
        if folder.exists() and any(folder.iterdir()):
            raise TrainingError(f"{option}: there is something in it; name a new folder")
        there = folder.exists()
        beside = folder if there else folder.parent
        beside.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=beside, prefix=f".{folder.name}-") as place:
            made = Path(place) / (folder.name or "job")
            made.mkdir()
            _write(request, start, made, folder, config.ddp)
            if there:
                _move_into(folder, made)
            else:
                made.rename(folder)
    except OSError as error:
        raise TrainingError(f"{option}: it cannot be written ({error.strerror})") from error
    return folder


def _move_into(folder: Path, made: Path) -> None:
    """Move a job's files into a folder; the one that tells that it is a job comes last."""
    files = sorted(made.iterdir(), key=lambda path: path.name == FACTS)
    try:
        for file in files:
            file.rename(folder / file.name)
    except OSError:
        for file in files:
            (folder / file.name).unlink(missing_ok=True)
        raise


def _write(
    request: RunRequest, start: RunStart, made: Path, folder: Path, ddp: dict[str, Any]
) -> None:
    """Write a job's files where they are made; its README names the folder they will be in."""
    write_blob(request, start, made / BLOB, partial(_Pickler, folder=made, written={}))
    model, versions = type(unwrapped(request.model)).__name__, {
        "python": VERSION, "jupyter_classgame": __version__,
        "torch": torch.__version__,
    }  # fmt: skip
    facts = {
        "model": model,
        "ddp": ddp,
        "cwd": str(Path.cwd()),
        "settings": backend_flags.settings(),
        "path": [str(Path(each).resolve()) for each in sys.path if _users(each)],
        "versions": versions,
    }
    text = TEXT.format(
        model=model, epochs=request.epochs, seed=request.seed, folder=shlex.quote(str(folder)),
        module="jupyter_classgame.training.launch.job", **versions,
    )  # fmt: skip
    (made / README).write_text(text, encoding="utf-8")
    (made / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def _users(folder: str) -> bool:
    """Say whether a folder of modules goes along: libraries are where they are."""
    return is_users(folder or ".") and not folder.endswith(".zip")


def read_result(folder: Path) -> Checkpoint:
    """Read what a job has left.

    Raises
    ------
    TrainingError
        It has not ended, or is no job's folder.
    """
    option = f"--import-job {folder}"
    if not (folder / FACTS).exists():
        raise TrainingError(f"{option}: there is no {FACTS}; name a folder that --export-job made")
    if not (folder / RESULT).exists():
        state = "has not begun"
        if (folder / STATE).exists():
            epoch = Checkpoint.read_facts(folder / STATE)["epoch"]
            state = f"is at the end of epoch {epoch}; the same command again goes on from there"
        raise TrainingError(f"{option}: the run has not ended: it {state}; see {README} in it")
    try:
        return Checkpoint.read(folder / RESULT)
    except CheckpointError as error:
        raise TrainingError(f"{option}: {error}") from error


def job_facts(folder: Path) -> dict[str, Any]:
    """Read what is known of a job.

    Raises
    ------
    TrainingError
        It is no job's folder.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder}: it is no folder that --export-job made") from error
    return facts
