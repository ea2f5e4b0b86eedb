"""What ``--devices`` and ``--accelerate-config`` are understood to ask for."""

from dataclasses import replace

import pytest
import torch
from helpers.runs import request

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.accelerate_config import AccelerateConfig
from jupyter_classgame.training.launch.device_choice import Devices, choose_devices
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run_control import RunControl

no_accelerator = pytest.mark.skipif(
    torch.accelerator.is_available(), reason="is about a machine without an accelerator"
)


@no_accelerator
@pytest.mark.parametrize(
    ("asked", "kind", "count", "written"),
    [
        (None, "cpu", 1, "cpu"),
        ("auto", "cpu", 1, "cpu"),
        ("cpu", "cpu", 1, "cpu"),
        ("cpu:1", "cpu", 1, "cpu"),
        ("cpu:2", "cpu", 2, "cpu:2"),
        ("2", "cpu", 2, "cpu:2"),
        (3, "cpu", 3, "cpu:3"),
        (1, "cpu", 1, "cpu"),
    ],
)
def test_what_is_asked_for(asked, kind, count, written):
    devices = choose_devices(asked)
    assert (devices.kind, devices.count, str(devices)) == (kind, count, written)


@no_accelerator
def test_auto_says_why_where_it_was_asked():
    assert choose_devices().note == ""
    assert choose_devices("auto").note == (
        "--devices auto: cpu is used, this machine has no accelerator; "
        "--devices cpu:2 takes two processes"
    )


@pytest.mark.parametrize(
    "asked",
    ["cpu:0", "0", "-1", "cpu:1000", "cuda:0,0", "cuda:0,97", "gpu", "cpu:two", "cuda:", ","],
)
def test_nonsense_gets_one_clear_line(asked):
    with pytest.raises(TrainingError) as caught:
        choose_devices(asked)
    assert str(caught.value).startswith(f"--devices {asked}")
    assert "\n" not in str(caught.value)


def test_several_accelerators_by_name():
    devices = Devices("cuda", (0, 2))
    assert str(devices) == "cuda:0,2"
    assert devices.names == ["cuda:0", "cuda:2"]
    assert devices.first == torch.device("cuda:0")


def test_several_cuda_devices_are_found(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # a machine we have not got
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert choose_devices().numbers == (0, 1, 2, 3)
    assert "all 4 CUDA devices" in choose_devices().note
    assert str(choose_devices("cuda:1,3")) == "cuda:1,3"
    with pytest.raises(TrainingError, match="there is no cuda:4 in this machine"):
        choose_devices("cuda:1,4")


def config(tmp_path, text):
    path = tmp_path / "accelerate.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.processes
def test_a_configuration_file(tmp_path):
    path = config(
        tmp_path,
        "distributed_type: MULTI_CPU\nmixed_precision: bf16\ngradient_accumulation_steps: 2\n"
        "num_processes: 7\nddp_config:\n  bucket_cap_mb: 5\n",
    )
    assert AccelerateConfig.read(path) == AccelerateConfig("bf16", 2, {"bucket_cap_mb": 5})
    made = replace(request(devices="cpu:2", accelerate_config=path, epochs=1), precision="auto")
    run = launch_run(made, RunControl())
    assert (run.request.precision, run.request.accumulate) == ("bf16", 2)
    assert run.execute(lambda event: None).stopped_by == "epochs"


def test_options_come_before_the_file(tmp_path):
    path = config(tmp_path, "mixed_precision: bf16\ngradient_accumulation_steps: 2\n")
    made = request(devices="cpu", accumulate=3, accelerate_config=path)
    run = launch_run(made, RunControl())
    assert (run.request.precision, run.request.accumulate) == ("no", 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n- b", "settings by name are needed"),
        ("a: [", "it is no YAML"),
        ("mixed_precision: fp8", "write one of no, bf16, fp16"),
        ("gradient_accumulation_steps: 0", "at least 1"),
        ("fsdp_config:\n  fsdp_version: 2", "fsdp_config is not supported"),
        ("ddp_config:\n  sharding: 1", "ddp_config has sharding"),
        ("ddp_config:\n  bucket_cap_mb: many", "a whole number is needed"),
    ],
)
def test_a_file_that_does_not_do(tmp_path, text, told):
    path = config(tmp_path, text)
    with pytest.raises(TrainingError, match=told) as caught:
        AccelerateConfig.read(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TrainingError, match="cannot be read"):
        AccelerateConfig.read(str(tmp_path / "none.yaml"))
