"""A run exported, carried out by torchrun on two machines, and taken back."""

import os
import socket
import subprocess
import sys

import pytest
import torch
from helpers.devices import train_on
from helpers.models import model, sgd
from helpers.runs import plan, quiet

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.checkpoint import Checkpoint
from jupyter_classgame.training.control import RunControl
from jupyter_classgame.training.launch.external import (
    BLOB,
    FACTS,
    README,
    RESULT,
    STATE,
    ImportedRun,
    export_job,
    read_result,
)  # fmt: skip

MODULE = "jupyter_classgame.training.launch.job"


def environment():
    kept = {n: v for n, v in os.environ.items() if n not in ("RANK", "WORLD_SIZE")}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


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
    export_job(plan(net, optimizer), folder)
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
        told = [machine.communicate(timeout=100)[0] for machine in machines]
    finally:
        for machine in machines:
            machine.kill()
    assert [machine.returncode for machine in machines] == [0, 0], told
    assert "epoch 3 of 3" in told[0]
    run = ImportedRun(plan(net, optimizer), RunControl(), folder)
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


def test_a_job_goes_on_from_its_last_epoch(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    export_job(plan(), whole)
    export_job(plan(epochs=2), cut)

    def carry_out(folder):
        done = subprocess.run(
            [sys.executable, "-m", MODULE, str(folder), "--cpu"],
            env=environment(), capture_output=True, text=True, timeout=200, check=False,
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


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(TrainingError, match="there is something in it"):
        export_job(plan(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_result_that_does_not_fit(tmp_path):
    folder = tmp_path / "job"
    export_job(plan(), folder)
    assert {path.name for path in folder.iterdir()} == {BLOB, FACTS, README}
    subprocess.run(
        [sys.executable, "-m", MODULE, str(folder), "--cpu"],
        env=environment(), check=True, timeout=200, capture_output=True,
    )  # fmt: skip
    assert isinstance(Checkpoint.read(folder / RESULT).facts["history"], dict)
    net = model(classes=4)
    with pytest.raises(TrainingError, match="model: fc"):
        ImportedRun(plan(net, sgd(net)), RunControl(), folder)
    with pytest.raises(TrainingError, match=r"there is no job\.json"):
        read_result(tmp_path)
