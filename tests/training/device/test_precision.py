"""Mixed precision: chosen, asked for, refused, fallen back from; nothing of it stays behind."""

import pytest
import torch
from helpers.models import loader, model, sgd
from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import Noticed
from jupyter_classgame.training.device.precision import choose_precision
from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.run.run_request import RunRequest

CPU = torch.device("cpu")


class Seen(nn.Module):
    """A model that notes in which number format its layers computed."""

    def __init__(self, refuses=None):
        super().__init__()
        self.net, self.refuses, self.formats = model(), refuses, []

    def forward(self, images):
        outputs = self.net.conv(images)
        self.formats.append((self.training, outputs.dtype))
        if outputs.dtype == self.refuses:
            raise RuntimeError(f'"mine" not implemented for {outputs.dtype}')
        return self.net(images)


def run(net, publish=lambda event: None, **options):
    request = RunRequest(
        net, sgd(net), loader(), nn.CrossEntropyLoss(), val_loader=loader(48, seed=1),
        **{"epochs": 2, "devices": "cpu", **options},
    )  # fmt: skip
    return train(request, publish)


def formats(net, *, training):
    return {dtype for mode, dtype in net.formats if mode == training}


def test_bf16_is_used_in_training_alone_and_leaves_no_trace():
    net = Seen()
    before = set(vars(net)), [p.dtype for p in net.parameters()]
    history = run(net, precision="bf16", epochs=8)
    assert formats(net, training=True) == {torch.bfloat16}
    assert formats(net, training=False) == {torch.float32}  # as %evaluate will measure it
    assert (set(vars(net)), [p.dtype for p in net.parameters()]) == before
    assert "forward" not in vars(net)
    assert not torch.is_autocast_enabled("cpu")
    assert history.val_acc[-1] == 1.0


def test_auto_goes_by_the_processor(monkeypatch):
    for able, name in (({"amx_bf16": True}, "bf16"), ({"avx512_bf16": True}, "bf16"), ({}, "no")):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda able=able: able)
        assert choose_precision("auto", CPU, model()).name == name


def test_auto_leaves_a_model_alone_that_is_not_float32(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert choose_precision("auto", CPU, model().double()).name == "no"


def test_a_model_that_bf16_does_not_suit_is_run_as_it_is(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    events = []
    net, twin = Seen(refuses=torch.bfloat16), Seen()
    history = run(net, events.append, precision="auto")
    assert formats(net, training=True) == {torch.bfloat16, torch.float32}
    (notice,) = [event.message for event in events if isinstance(event, Noticed)]
    assert notice == "float32 is used: the model does not run in bf16"
    assert notice in history.notes
    assert run(twin, precision="no").train_loss == history.train_loss


def test_what_was_asked_for_is_not_fallen_back_from():
    with pytest.raises(RuntimeError, match="not implemented for"):
        run(Seen(refuses=torch.bfloat16), precision="bf16")


@pytest.mark.parametrize(
    ("name", "message"),
    [("fp16", "a CPU gains nothing by it"), ("tf32", "write one of auto, no, bf16, fp16")],
)
def test_what_there_is_not_is_refused(name, message):
    with pytest.raises(TrainingError, match=message):
        run(model(), precision=name)


class Scaler:
    """Counts what is asked of a scaler; a CPU has one for fp16 as well."""

    def __init__(self):
        self.inner, self.calls = torch.amp.GradScaler("cpu"), []

    def __getattr__(self, name):
        self.calls.append(name)
        return getattr(self.inner, name)


def test_fp16_scales_the_loss_and_steps_on_true_gradients(monkeypatch):
    from jupyter_classgame.training.device import precision

    scaler = Scaler()
    half = precision.Precision("cpu", "fp16")
    monkeypatch.setattr(precision.Precision, "scaler", lambda self: scaler)
    monkeypatch.setattr(
        "jupyter_classgame.training.run.lifecycle.choose_precision", lambda *a: half
    )
    net, twin = Seen(), Seen()
    history = run(net, epochs=1)
    assert scaler.calls[:4] == ["scale", "unscale_", "step", "update"]
    assert formats(net, training=True) == {torch.float16}
    monkeypatch.undo()
    assert run(twin, epochs=1).train_loss == pytest.approx(history.train_loss, rel=1e-2)
