"""Networks beside the model, and targets that no labels explain."""

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from jupyter_classgame.referee.joint_observation import networks_asked
from jupyter_classgame.referee.loader.batch_properties import observe_batches

IMAGES, LABELS = torch.rand(64, 3, 8, 8), torch.arange(64) % 10


def network():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)
    )


class Changed(torch.utils.data.Dataset):
    def __init__(self, change):
        self.change = change

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, index):
        return self.change(IMAGES[index]), int(LABELS[index])


def asked(change, model=None):
    model = model or network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(Changed(change), batch_size=8, shuffle=True)
    return networks_asked(model, optimizer, loader, None, classes=10)


def with_scores(teacher):
    @torch.no_grad()
    def written(image):
        image = image.clone()
        image[0, 0] = teacher(image[None])[0, :8]
        return image

    return written


def test_a_teacher_in_a_transform_is_named():
    text = "train_loader asks a network, Sequential, about its images"
    assert asked(with_scores(network().eval())) == (text, "")


def test_a_teacher_of_one_layer_is_named_and_a_matrix_is_none():
    def over(layer):
        return lambda image: image + 0 * layer(image.flatten()).sum()

    assert "asks a network, Linear" in asked(over(nn.Linear(192, 10)))[0]
    assert asked(over(nn.Linear(192, 192))) == ("", "")


def test_a_teacher_in_code_that_was_executed_is_named():
    space = {"teacher": network().eval()}
    exec("def change(x): return x + 0 * teacher(x[None]).sum()", space)  # noqa: S102 - as some do
    assert "asks a network" in asked(space["change"])[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda model, other: with_scores(model),
        lambda model, other: nn.Conv2d(3, 3, 3, padding=1, groups=3).requires_grad_(False),
        lambda model, other: lambda image, unused=other: image,
        lambda model, other: lambda image: image,
    ],
    ids=["the model itself", "a filter", "a network that does not run", "nothing"],
)
def test_what_is_no_teacher(make):
    model = network()
    assert asked(make(model, network()), model) == ("", "")


def targets(rows):
    loader = DataLoader(TensorDataset(IMAGES, rows), batch_size=16)
    return observe_batches(loader, "train_loader").unexplained


HOT = nn.functional.one_hot(LABELS, 10).float()
SHARE = torch.linspace(0, 1, 64)[:, None]
SMOOTH = HOT * 0.9 + 0.01

EXPLAINED = {
    "one-hot": HOT,
    "smoothed": SMOOTH,
    "mixed": SHARE * HOT + (1 - SHARE) * HOT.roll(1, 0),
    "mixed and smoothed": SHARE * SMOOTH + (1 - SHARE) * SMOOTH.roll(1, 0),
    "a mosaic of four": (HOT + HOT.roll(1, 0) + HOT.roll(2, 0) + HOT.roll(3, 0)) / 4,
}


@pytest.mark.parametrize("rows", EXPLAINED.values(), ids=EXPLAINED)
def test_targets_made_of_labels(rows):
    assert targets(rows) == ""


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_targets_of_a_teacher(temperature):
    torch.manual_seed(0)
    assert "probabilities" in targets((torch.randn(64, 10) / temperature + 3 * HOT).softmax(1))
