"""Weights go by the names of the model's own class, whatever is put around it."""

import pytest
import torch
from helpers.models import Net, model, sgd
from helpers.runs import quiet, request
from safetensors.torch import load_file, load_model
from torch import nn

from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run.run_start import FRESH_START
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.capture import capture
from jupyter_classgame.training.state.model_export import ModelFile
from jupyter_classgame.training.state.restore import Restoration
from jupyter_classgame.training.state.weights_fingerprint import fingerprint, fingerprint_of


class Named(nn.Module):
    """Has modules of its own that are called ``module`` and ``_orig_mod``."""

    def __init__(self):
        super().__init__()
        self.module = Net()
        self._orig_mod = nn.Linear(3, 3)

    def forward(self, images):
        return self._orig_mod(self.module(images))


def compiled(net):
    return torch.compile(net, backend="eager")


def inside(wrap):
    def build(net):
        net.module = wrap(net.module)
        return net

    return build


WRAPS = {
    "compiled": compiled,
    "parallel": nn.DataParallel,
    "both": lambda net: compiled(nn.DataParallel(net)),
    "compiled inside": inside(compiled),
    "parallel inside": inside(nn.DataParallel),
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_files_checkpoints_and_fingerprints_have_plain_names(wrap, tmp_path):
    plain = Named()
    names, known = sorted(plain.state_dict()), fingerprint(plain)
    wrapped = wrap(plain)
    assert fingerprint(wrapped) == known
    ModelFile("net", tmp_path).write(wrapped, "")
    assert sorted(load_file(tmp_path / "net.safetensors")) == names
    again = Named()
    load_model(again, tmp_path / "net.safetensors")
    assert fingerprint(again) == known
    run = launch_run(request(wrapped, sgd(wrapped), epochs=1), RunControl())
    run.execute(quiet)
    checkpoint = capture(run, {})
    kept = {name.removeprefix("model.") for name in checkpoint.tensors if name.startswith("model.")}
    assert kept == set(names)
    weights = checkpoint.facts["weights"]
    assert fingerprint_of({n: run.good.tensors[k] for n, k in weights.items()}) == fingerprint(
        wrapped
    )
    into = request(again, sgd(again), epochs=2)
    Restoration(checkpoint).check(into)
    start = Restoration(checkpoint).applied_to(FRESH_START)
    history = launch_run(into, RunControl(), start).execute(quiet)
    assert (len(history), history.stopped_by) == (2, "epochs")


def test_the_names_of_a_plain_model_stay():
    assert fingerprint(model()) == fingerprint_of(model().state_dict())


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit")
def test_a_traced_model_has_them_too():
    plain = Net().eval()
    traced = torch.jit.trace(plain, torch.rand(2, 3, 8, 8))
    assert fingerprint(traced) == fingerprint(plain)
