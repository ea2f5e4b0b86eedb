"""Fingerprints, snapshots, devices and frames."""

import copy
import traceback

import pytest
import torch
from helpers.models import loader, model, sgd
from torch import nn

from jupyter_classgame.data.dataset import checked_image
from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.training.device.placement import choose_device, follow_parameters, placed_on
from jupyter_classgame.training.history import History
from jupyter_classgame.training.random_state import draw_seed, random_state_kept
from jupyter_classgame.training.run.snapshot import Snapshot
from jupyter_classgame.training.state.weights_fingerprint import fingerprint
from jupyter_classgame.training.tracebacks import user_frames, without_our_frames


def test_a_fingerprint_follows_values_and_names():
    net = model()
    assert fingerprint(net) == fingerprint(copy.deepcopy(net))
    changed = copy.deepcopy(net)
    with torch.no_grad():
        changed.fc.bias[0] += 1e-6
    assert fingerprint(changed) != fingerprint(net)
    assert fingerprint(nn.Sequential(net)) != fingerprint(net)
    assert fingerprint(model(norm=True).bfloat16())
    assert len(fingerprint(nn.Identity())) == 64


def test_a_fingerprint_leaves_memory_that_can_be_resized():
    net = nn.Module()
    net.register_buffer("bounds", torch.zeros(1))
    fingerprint(net)
    assert net.bounds.resize_(100).shape == (100,)


def step(net, optimizer):
    images, labels = next(iter(loader()))
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(images), labels).backward()
    optimizer.step()


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW, torch.optim.RMSprop])
def test_a_snapshot_brings_everything_back_into_the_same_objects(kind):
    net = model(norm=True)
    optimizer = kind(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    step(net, optimizer)
    scheduler.step()
    before, state = fingerprint(net), copy.deepcopy(optimizer.state_dict())
    snapshot = Snapshot(net, [optimizer], scheduler)
    groups = [id(group) for group in optimizer.param_groups]
    for _ in range(3):
        step(net, optimizer)
        scheduler.step()
    for _ in range(2):  # a snapshot can be used again
        snapshot.restore()
        assert fingerprint(net) == before
        torch.testing.assert_close(optimizer.state_dict(), state)
        assert scheduler.last_epoch == 1
        step(net, optimizer)
    assert [id(group) for group in optimizer.param_groups] == groups


def test_placing_keeps_parameters_and_comes_back():
    net, optimizer = model(), None
    optimizer = sgd(net)
    step(net, optimizer)
    ids = [id(parameter) for parameter in net.parameters()]
    with placed_on(torch.device("meta"), nn.CrossEntropyLoss(), optimizers=[optimizer]):
        follow_parameters(optimizer)
    assert [id(parameter) for parameter in net.parameters()] == ids
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in {"cpu", "cuda", "mps", "xpu"}


def test_a_seed_is_read_off_torch_without_moving_it():
    with random_state_kept():
        torch.manual_seed(3)
        one = draw_seed()
        assert draw_seed() == one
        torch.rand(1)
        assert draw_seed() != one


def test_only_the_users_frames_are_left():
    class Broken(nn.Module):
        def forward(self, x):
            return x.nonsense

    from jupyter_classgame.evaluation.prediction import predict

    with pytest.raises(AttributeError) as caught:
        predict([Broken()], loader(), torch.device("cpu"))
    # skip this test's own frame, which stands for the shell's
    frames = traceback.extract_tb(user_frames(caught.tb.tb_next))
    assert [frame.name for frame in frames] == ["forward"]


def test_a_workers_text_shows_the_users_frames_only():
    def mine(image):
        raise ValueError("my own mistake")

    class Images(torch.utils.data.Dataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return checked_image(mine(index), mine)

    loader = torch.utils.data.DataLoader(Images(), num_workers=1)
    with pytest.raises(ValueError, match="Original Traceback") as raised:
        next(iter(loader))
    assert "torch/utils/data" in str(raised.value)
    without_our_frames(raised.value)
    text = str(raised.value)
    assert "in mine" in text
    assert "in __getitem__" in text
    assert text.endswith("ValueError: my own mistake\n")
    assert "torch/utils/data" not in text
    left = ValueError("no traceback at all")
    without_our_frames(left)
    assert left.args == ("no traceback at all",)


@pytest.mark.parametrize("name", ["nowhere/h.csv", "."])
def test_a_table_that_cannot_be_written_is_told_in_one_line(tmp_path, name):
    with pytest.raises(ClassGameError, match=r"cannot be written .*; name a file") as refused:
        History(train_loss=[1.0], train_acc=[0.5]).to_csv(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_a_history_is_a_table_and_a_file(tmp_path):
    history = History(train_loss=[1.0, 0.5], train_acc=[0.5, 0.9], lr=[0.1, 0.1], seconds=[1, 2])
    history.best_epoch, history.monitor = 2, "train_acc"
    frame = history.frame()
    assert list(frame.index) == [1, 2]
    assert frame.train_acc.tolist() == [0.5, 0.9]
    assert history.to_csv(tmp_path / "h.csv").read_text().startswith("epoch,train_loss")
    assert "best train_acc 0.9000 at epoch 2" in repr(history)
    assert "no epoch" in repr(History())
