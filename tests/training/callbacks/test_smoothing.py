"""``--smooth``: label smoothing that falls over a run."""

import pytest
import torch
from helpers.models import loader, model
from helpers.runs import Batches, Probe, request, run
from torch import nn
from torchvision.transforms import v2

from jupyter_classgame.data.data_loader import make_loader
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded
from jupyter_classgame.training.run_control import RunControl


def smoothing(run):
    return run.request.criterion.label_smoothing


def mixed(transform):
    return make_loader(loader().dataset, batch_size=16, shuffle=False, batch_transform=transform)


def test_it_falls_in_equal_parts_from_the_first_epoch_to_the_last():
    probe = Probe(smoothing)
    run(epochs=3, smooth="0.2:0.1", probes=[probe])
    assert probe.seen == pytest.approx([*[0.2] * 6, *[0.15] * 6, *[0.1] * 6])


def test_one_epoch_has_the_first_value_and_it_may_rise():
    one, rising = Probe(smoothing), Probe(smoothing)
    run(epochs=1, smooth="0.2:0.0", probes=[one])
    assert one.seen == [0.2] * 6
    run(epochs=2, smooth="0:0.5", probes=[rising])
    assert rising.seen == [*[0.0] * 6, *[0.5] * 6]


def test_the_training_loss_is_smoothed_and_the_validation_loss_is_not():
    net, criterion = model(), nn.CrossEntropyLoss(label_smoothing=0.3)
    data = list(loader(96, 96, shuffle=False))
    images, labels = data[0]
    with torch.no_grad():
        before = nn.functional.cross_entropy(net(images), labels, label_smoothing=0.2).item()
    history = run(
        net, criterion=criterion, train_loader=data, val_loader=data, epochs=1, smooth="0.2:0.0",
        ema=0.5,
    )  # fmt: skip
    with torch.no_grad():
        after = nn.functional.cross_entropy(net(images), labels).item()
    assert history.train_loss == [pytest.approx(before, rel=1e-5)]
    assert history.val_loss == [pytest.approx(after, rel=1e-5)]
    assert history.ema_val_loss == [pytest.approx(after, rel=1e-5)]  # of one step
    assert criterion.label_smoothing == 0.3


@pytest.mark.parametrize("end", ["epochs", "stop", "error", "validation"])
def test_the_users_value_is_back_however_the_run_ends(end):
    criterion, control, seen = nn.CrossEntropyLoss(label_smoothing=0.25), RunControl(), []

    def fail():
        raise ValueError("mine")

    act = {"stop": control.stop, "error": fail}.get(end, lambda: None)
    options = {"train_loader": Batches(8, act)}
    if end == "validation":
        options = {"val_loader": Batches(2, fail)}

    def look(event):
        if isinstance(event, EpochEnded):
            seen.append(criterion.label_smoothing)

    options |= {"criterion": criterion, "control": control, "smooth": "0.1:0.0", "publish": look}
    if end in ("error", "validation"):
        with pytest.raises(ValueError, match="mine"):
            run(**options)
    else:
        run(**options)
    assert criterion.label_smoothing == 0.25
    assert set(seen) <= {0.25}  # between epochs too


def test_a_value_set_by_hand_meanwhile_is_the_users_own_afterwards():
    criterion, probe = nn.CrossEntropyLoss(label_smoothing=0.25), Probe(smoothing)

    def edit():
        criterion.label_smoothing = 0.4

    batches = Batches(3, edit)
    run(criterion=criterion, train_loader=batches, epochs=2, smooth="0.1:0", probes=[probe])
    assert criterion.label_smoothing == 0.4
    assert probe.seen == [*[0.1] * 6, *[0.0] * 6]


def test_it_rests_while_images_are_mixed():
    probe = Probe(smoothing)
    mixup = mixed(v2.MixUp(num_classes=3))
    history = run(train_loader=mixup, epochs=3, mix_until=1, smooth="0.2:0.1", probes=[probe])
    assert probe.seen == pytest.approx([*[0.0] * 6, *[0.15] * 6, *[0.1] * 6])
    assert history.notes == ()


def test_a_run_in_which_it_never_came_to_be_says_so():
    history = run(train_loader=mixed(v2.MixUp(num_classes=3)), epochs=2, smooth="0.2:0.1")
    (note,) = history.notes
    assert note.startswith("--smooth 0.2:0.1 was never used")
    assert "--mix-until" in note


def test_a_batch_transform_that_leaves_labels_whole_does_not_stop_it():
    probe = Probe(smoothing)

    def flip(images, labels):
        return images.flip(3), labels

    run(train_loader=mixed(flip), epochs=1, smooth="0.2:0.1", probes=[probe])
    assert probe.seen == [0.2] * 6


@pytest.mark.parametrize("criterion", [nn.MSELoss(), nn.functional.cross_entropy])
def test_a_criterion_without_it_is_refused(criterion):
    with pytest.raises(TrainingError, match=r"^--smooth 0.1:0: the criterion \w+ has no label_smo"):
        request(criterion=criterion, smooth="0.1:0.0")
