"""Channels last during a run; every tensor in its own memory before and after."""

import pytest
import torch
from helpers.models import loader, model, sgd
from torch import nn

from jupyter_classgame.training.device.memory_format import channels_last, has_convolutions
from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.run.run_request import RunRequest


def is_last(tensor):
    return tensor.is_contiguous(memory_format=torch.channels_last) and not tensor.is_contiguous()


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_weights_and_state_are_laid_out_and_put_back(kind):
    net = model(norm=True)
    optimizer = kind(net.parameters(), lr=0.01)
    if kind is torch.optim.SGD:
        optimizer.param_groups[0]["momentum"] = 0.9
    seen = []

    class Watching(torch.nn.CrossEntropyLoss):
        def forward(self, outputs, targets):
            seen.append(is_last(net.conv.weight))
            return super().forward(outputs, targets)

    memory = [p.data_ptr() for p in net.parameters()]
    view = net.conv.weight.data
    request = RunRequest(
        net, optimizer, loader(), Watching(), val_loader=loader(48), epochs=2, devices="cpu",
        channels_last=None,
    )  # fmt: skip
    train(request, lambda event: None)
    assert all(seen)
    assert len(seen) > 10
    assert [p.data_ptr() for p in net.parameters()] == memory
    assert torch.equal(view, net.conv.weight)
    for parameter in net.parameters():
        assert parameter.is_contiguous()
        assert parameter.grad.is_contiguous()
        for value in optimizer.state[parameter].values():
            assert not isinstance(value, torch.Tensor) or value.is_contiguous()


def test_the_numbers_are_the_same_but_for_rounding():
    losses = []
    for layout in (None, False):
        net = model()
        request = RunRequest(
            net, sgd(net), loader(), nn.CrossEntropyLoss(), epochs=2, devices="cpu", seed=4,
            channels_last=layout,
        )  # fmt: skip
        losses.append(train(request, lambda event: None).train_loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_an_error_puts_everything_back_too():
    net = model()
    memory = net.conv.weight.data_ptr()

    def fail():
        with channels_last(net, [sgd(net)]):
            assert is_last(net.conv.weight)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert net.conv.weight.data_ptr() == memory


def test_memory_that_is_shared_or_laid_out_already_stays():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3))
    whole = torch.randn(2, 4, 4, 3, 3)
    net[1].weight.data = whole[0]
    net[0].weight.data = net[0].weight.data.contiguous(memory_format=torch.channels_last)
    memory = [net[0].weight.data_ptr(), net[1].weight.data_ptr()]
    with channels_last(net, []):
        assert [net[0].weight.data_ptr(), net[1].weight.data_ptr()] == memory
    assert net[1].weight.data_ptr() == whole.data_ptr()


def test_a_model_without_convolutions_gains_nothing():
    assert has_convolutions(model())
    assert not has_convolutions(nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 3)))
