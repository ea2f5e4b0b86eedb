"""What a launcher has left in the environment is neither followed nor changed."""

import json
import os

import pytest
import torch
from accelerate import PartialState

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.device.launch_environment import ensure_state
from jupyter_classgame.training.device.placement import choose_device
from jupyter_classgame.training.launch import job
from jupyter_classgame.training.launch.device_choice import Devices
from jupyter_classgame.training.launch.job_folder import FACTS
from jupyter_classgame.training.launch.processes.process_start import environment_of

LEFT = {
    "RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "192.0.2.1",
    "MASTER_PORT": "29500", "OMPI_COMM_WORLD_SIZE": "2", "PMI_SIZE": "2",
    "ACCELERATE_USE_FSDP": "true", "ACCELERATE_TORCH_DEVICE": "nowhere",
    "TORCHELASTIC_RUN_ID": "none", "GROUP_RANK": "1",
}  # fmt: skip


def environment():
    """What is set now, without what pytest notes there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


@pytest.fixture
def left(monkeypatch):
    """The environment with what was left in it; Accelerate's state is put back at the end."""
    before = dict(PartialState._shared_state)
    PartialState._reset_state()
    for name, value in LEFT.items():
        monkeypatch.setenv(name, value)
    yield environment()
    PartialState._reset_state()
    PartialState._shared_state.update(before)


def test_nothing_is_started_and_nothing_is_changed(left):
    assert choose_device("auto").type in {"cpu", "cuda", "mps", "xpu"}
    assert PartialState._shared_state == {}
    PartialState._shared_state["device"] = None  # what a failed Accelerator() of a cell leaves
    assert choose_device("auto") is not None
    ensure_state()
    assert PartialState().num_processes == 1
    assert not torch.distributed.is_initialized()
    assert environment() == left


def test_processes_hear_of_their_own_launch_alone(left):
    there = environment_of(Devices("cpu", (0, 1)))
    assert {name: there[name] for name in LEFT if name in there} == {
        "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0",
    }  # fmt: skip
    assert there["LOCAL_WORLD_SIZE"] == "2"
    assert environment() == left


@pytest.mark.usefixtures("left")
def test_a_job_that_lacks_half_of_its_launch_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("MASTER_ADDR")
    monkeypatch.setenv("SLURM_PROCID", "0")
    monkeypatch.setenv("SLURM_NTASKS", "4")
    facts = {"versions": {"python": job.VERSION}, "path": []}
    (tmp_path / FACTS).write_text(json.dumps(facts))
    with pytest.raises(TrainingError, match=r"MASTER_ADDR is not set; see README.md in it"):
        job._carry_out(tmp_path, cpu=True)
