"""A run exported, carried out by torchrun on two machines, and taken back."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.devices import Slow, train_on
from helpers.models import model, sgd
from helpers.runs import quiet, request
from helpers.servers.ports import free_port

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.job_folder import (  # fmt: skip
    BEST,
    BLOB,
    FACTS,
    README,
    RESULT,
    STATE,
    export_job,
    read_result,
)
from jupyter_classgame.training.launch.launcher import import_run
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.checkpoint_file import Checkpoint

MODULE = "jupyter_classgame.training.launch.job"


def environment():
    kept = {n: v for n, v in os.environ.items() if n not in ("RANK", "WORLD_SIZE")}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}


def torchrun(folder, node, port):
    """One of two machines, which meet at an address of the loopback network."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "torch.distributed.run", "--nnodes", "2",
            "--node-rank", str(node),
            "--nproc-per-node", "1", "--master-addr", "127.0.0.1", "--master-port", str(port),
            "-m", MODULE, str(folder), "--cpu",
        ],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_two_machines_train_as_one_process_does(tmp_path):
    folder, net = tmp_path / "job", model()
    optimizer = sgd(net)
    ids = [id(p) for p in net.parameters()]
    export_job(request(net, optimizer), folder)
    assert all(
        torch.equal(a, b) for a, b in zip(net.parameters(), model().parameters(), strict=True)
    )
    text = (folder / README).read_text()
    assert f"torchrun --nproc-per-node 4 -m {MODULE} {folder}" in text
    with pytest.raises(TrainingError, match="the run has not ended: it has not begun"):
        read_result(folder)
    port = free_port()
    machines = [torchrun(folder, node, port) for node in range(2)]
    try:
        told = [machine.communicate(timeout=300)[0] for machine in machines]
    finally:
        for machine in machines:
            machine.kill()
    assert [machine.returncode for machine in machines] == [0, 0], told
    assert "epoch 3 of 3" in told[0]
    run = import_run(request(net, optimizer), folder, RunControl())
    history = run.execute(quiet)
    alone = model()
    expected = train_on("cpu", alone)
    assert history.train_loss == pytest.approx(expected.train_loss, abs=1e-5)
    assert history.val_acc == expected.val_acc
    assert (history.stopped_by, history.device) == ("epochs", "2 processes on CPUs")
    assert ids == [id(p) for p in net.parameters()]
    for one, two in zip(net.parameters(), alone.parameters(), strict=True):
        assert torch.allclose(one, two, atol=1e-5)
        assert "momentum_buffer" in optimizer.state[one]


def test_tasks_as_slurm_starts_them(tmp_path):
    """By the variables that ``srun`` gives each, and no others."""
    folder = tmp_path / "job"
    export_job(request(), folder)
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    tasks = []
    for rank in range(2):
        own = {"SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank), "SLURM_NTASKS": "2"}
        tasks.append(
            subprocess.Popen(
                [sys.executable, "-m", MODULE, str(folder), "--cpu"],
                env=environment() | meeting | own,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
        )  # fmt: skip
    try:
        told = [task.communicate(timeout=300)[0] for task in tasks]
    finally:
        for task in tasks:
            task.kill()
    assert [task.returncode for task in tasks] == [0, 0], told
    facts = read_result(folder).facts
    assert facts["where"] == "2 processes on CPUs"
    assert facts["history"]["train_loss"] == pytest.approx(train_on("cpu").train_loss, abs=1e-5)


def test_a_job_goes_on_from_its_last_epoch(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    export_job(request(), whole)
    export_job(request(epochs=2), cut)

    def carry_out(folder):
        done = subprocess.run(
            [sys.executable, "-m", MODULE, str(folder), "--cpu"],
            env=environment(), capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    carry_out(cut)
    (cut / STATE).replace(whole / STATE)  # as if it had been killed after two epochs
    told = carry_out(whole)
    assert "epoch 3 of 3" in told
    assert "epoch 2" not in told
    assert read_result(whole).facts["history"]["train_loss"] == pytest.approx(
        train_on("cpu").train_loss, abs=1e-5
    )
    assert "the run has ended" in carry_out(whole)


def test_a_job_that_is_ended_goes_on_and_has_its_best(tmp_path):
    """SIGTERM, as SLURM sends it; the best epoch was before."""
    folder = tmp_path / "job"
    net = Slow(model(), 0.1)
    optimizer = sgd(net, lr=0.3)
    worse = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0 if epoch < 2 else -1.0)
    made = request(net, optimizer, scheduler=worse, keep="best", monitor="val_loss", epochs=4)
    export_job(made, folder)
    job = subprocess.Popen(
        [sys.executable, "-m", MODULE, str(folder), "--cpu"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    lines = iter(job.stdout.readline, "")
    assert next(line for line in lines if line.startswith("epoch 2"))
    job.terminate()
    told = job.communicate(timeout=300)[0]
    assert job.returncode == 128 + signal.SIGTERM, told
    assert not (folder / RESULT).exists()
    done = subprocess.run(
        [sys.executable, "-m", MODULE, str(folder), "--cpu"],
        env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "epoch 2 of 4" not in done.stdout
    result, best = read_result(folder), Checkpoint.read(folder / BEST)
    assert result.facts["history"]["best_epoch"] == best.facts["epoch"] == 2
    assert "the weights of epoch 2, the best" in result.facts["message"]
    names = [name for name in best.tensors if name.startswith("model.")]
    assert names
    assert all(torch.equal(result.tensors[name], best.tensors[name]) for name in names)


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(TrainingError, match="there is something in it"):
        export_job(request(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_filled_and_stays_the_working_one(tmp_path, monkeypatch):
    place = tmp_path / "mine"
    place.mkdir()
    monkeypatch.chdir(place)
    before = place.stat().st_ino
    assert export_job(request(), Path()) == place
    assert {BLOB, FACTS, README} <= {path.name for path in Path().iterdir()}
    assert not [path for path in place.iterdir() if path.name.startswith(".")]
    assert (place.stat().st_ino, Path.cwd()) == (before, place)


def test_a_job_that_cannot_be_written_leaves_nothing(tmp_path):
    class Locked(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.notes = model(), (tmp_path / "notes.txt").open("w")

        def forward(self, x):
            return self.net(x)

    net = Locked()
    with pytest.raises(TrainingError, match=r"model\.notes"):
        export_job(request(net, sgd(net)), tmp_path / "jobs" / "first")
    net.notes.close()
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_job_keeps_what_the_accelerate_file_says(tmp_path):
    """And its README's line for ``accelerate launch`` carries it out."""
    config = tmp_path / "accelerate.yaml"
    config.write_text(
        "mixed_precision: bf16\ngradient_accumulation_steps: 2\nddp_config: {bucket_cap_mb: 5}\n"
    )
    folder = tmp_path / "a job"
    made = replace(request(accelerate_config=str(config)), precision="auto")
    export_job(made, folder)
    config.unlink()  # the other machine has not got it
    assert json.loads((folder / FACTS).read_text())["ddp"] == {"bucket_cap_mb": 5}
    text = (folder / README).read_text()
    (line,) = re.findall(r"^    (accelerate launch .*)$", text, re.MULTILINE)
    words = shlex.split(line)[1:]
    assert words[-1] == str(folder)
    words[1:3] = ["--cpu"]  # its own launcher of several processes wants GPUs
    done = subprocess.run(
        [sys.executable, "-m", "accelerate.commands.accelerate_cli", *words, "--cpu"],
        env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "find_unused_parameters" not in done.stderr  # a hint to developers
    facts = read_result(folder).facts
    assert (facts["where"], facts["precision"]) == ("one CPU", "bf16")
    assert facts["history"]["train_loss"] == pytest.approx(
        train_on("cpu", accumulate=2).train_loss, abs=0.05
    )


def test_a_result_that_does_not_fit(tmp_path):
    folder = tmp_path / "job"
    export_job(request(), folder)
    assert {path.name for path in folder.iterdir()} == {BLOB, FACTS, README}
    subprocess.run(
        [sys.executable, "-m", MODULE, str(folder), "--cpu"],
        env=environment(), check=True, timeout=300, capture_output=True,
    )  # fmt: skip
    assert isinstance(Checkpoint.read(folder / RESULT).facts["history"], dict)
    net = model(classes=4)
    with pytest.raises(TrainingError, match="model: fc"):
        import_run(request(net, sgd(net)), folder, RunControl())
    with pytest.raises(TrainingError, match=r"there is no job\.json"):
        read_result(tmp_path)
