import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler
from torchvision.transforms import v2

from jupyter_classgame.referee import RunGuard


class Counting:
    """Counts its images, and shows how many there were."""

    def __init__(self):
        self.strength, self.seen, self.last = 1.0, 0, None

    def __call__(self, image):
        self.seen += 1
        self.last = float(image.mean())
        return self.strength * image

    def __repr__(self):
        return f"Counting({self.seen} seen, strength {self.strength})"


@pytest.fixture
def parts(base):
    transforms = [v2.RandomHorizontalFlip(0.0), v2.RandomApply([v2.GaussianBlur(3)]), Counting()]
    return base.kit(train_loader=base.train(v2.Compose(transforms)))


def start(parts, **more):
    return RunGuard(
        parts["model"], parts["optimizer"], criterion=parts["criterion"],
        train_loader=parts["train_loader"], val_loader=parts["val_loader"],
        scheduler=parts["scheduler"], **more,
    )  # fmt: skip


def test_a_quiet_run_has_no_breach(parts):
    guard = start(parts)
    for images, labels in parts["train_loader"]:
        parts["criterion"](parts["model"](images), labels).backward()
        parts["optimizer"].step()
        parts["optimizer"].zero_grad()
    assert guard.check() == []


def test_three_edits_of_the_learning_rate_are_free(parts):
    guard = start(parts)
    for number in range(3):
        parts["optimizer"].param_groups[0]["lr"] *= 0.5
        assert guard.check() == [], number
    parts["optimizer"].param_groups[0]["lr"] *= 0.5
    (breach,) = guard.check()
    assert "4 times by hand" in breach
    assert guard.check() == []


def test_a_scheduler_may_move_the_rate(parts):
    parts["scheduler"] = lr_scheduler.ExponentialLR(parts["optimizer"], 0.9)
    guard = start(parts)
    for _ in range(6):
        parts["optimizer"].step()
        parts["scheduler"].step()
        assert guard.check() == []


def test_a_scheduler_that_moves_nothing_excuses_no_edits(parts):
    parts["scheduler"] = lr_scheduler.LambdaLR(parts["optimizer"], lambda _: 1.0)
    guard = start(parts, scheduled=False)
    breaches = []
    for _ in range(4):
        parts["optimizer"].param_groups[0]["lr"] *= 0.5
        breaches += guard.check()
    assert len(breaches) == 1


def momentum(parts):
    parts["optimizer"].param_groups[0]["momentum"] = 0.9


def decay(parts):
    parts["optimizer"].param_groups[0]["weight_decay"] = 0.1


def another_transform(parts):
    parts["train_loader"].dataset.transform = v2.RandomHorizontalFlip()


def one_more_transform(parts):
    parts["train_loader"].dataset.transform.transforms.append(v2.RandomHorizontalFlip())


def another_collate(parts):
    parts["train_loader"].collate_fn = torch.utils.data.default_convert


def hook(parts):
    parts["optimizer"].register_step_post_hook(lambda *a: None)


def model_hook(parts):
    parts["model"].conv1.register_forward_hook(lambda *a: None)


def layer(parts):
    parts["model"].fc1 = nn.Sequential(parts["model"].fc1, nn.Dropout(0.5))


def forward(parts):
    parts["model"].forward = lambda x: x


def smoothing(parts):
    parts["criterion"].label_smoothing = 0.2


def a_chance(parts):
    parts["train_loader"].dataset.transform.transforms[0].p = 0.7


def a_chance_within(parts):
    parts["train_loader"].dataset.transform.transforms[1].transforms[0].kernel_size = [5, 5]


def a_strength_of_ones_own(parts):
    parts["train_loader"].dataset.transform.transforms[2].strength = 2.0


CHANGES = [momentum, decay, another_transform, one_more_transform, another_collate, hook,
           model_hook, layer, forward, smoothing, a_chance, a_chance_within,
           a_strength_of_ones_own]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told_once(parts, change):
    guard = start(parts)
    assert guard.check() == []
    change(parts)
    assert len(guard.check()) == 1
    assert guard.check() == []


def test_what_a_transform_counts_by_itself_is_no_change(base):
    parts = base.kit(train_loader=base.train(Counting()))
    guard = start(parts)
    before = repr(parts["train_loader"].dataset.transform)
    for _ in parts["train_loader"]:
        pass
    assert repr(parts["train_loader"].dataset.transform) != before
    assert guard.check() == []
    parts["train_loader"].dataset.transform.strength = 2.0
    assert guard.check() == ["train_loader changed during the run"]


def test_a_change_of_the_rate_of_dropout_is_told(base):
    parts = base.kit(model=nn.Sequential(base.Net(), nn.Dropout(0.1)))
    guard = start(parts)
    parts["model"][1].p = 0.5
    assert len(guard.check()) == 1
