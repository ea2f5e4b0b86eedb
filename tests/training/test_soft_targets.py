"""Soft targets (N, C) everywhere: the loss, the meter, validation, ensembles."""

import pytest
import torch
from helpers.models import loader, model
from helpers.runs import run
from torch import nn
from torchvision.transforms import v2

from jupyter_classgame.data.data_loader import make_loader
from jupyter_classgame.evaluation.model_ensemble import build_ensemble


class LogProbabilities(nn.Module):
    """What ``nn.KLDivLoss`` takes."""

    def __init__(self):
        super().__init__()
        self.net = model()

    def forward(self, x):
        return self.net(x).log_softmax(1)


def soft(count=96, seed=0):
    """Batches of unequal size whose targets leave a fifth to the other classes."""
    batches = loader(count, 40, shuffle=False, one_hot=True, seed=seed)
    return [(images, 0.7 * targets + 0.1) for images, targets in batches]


CASES = [
    (model, nn.CrossEntropyLoss()),
    (model, nn.BCEWithLogitsLoss()),
    (LogProbabilities, nn.KLDivLoss(reduction="batchmean")),
    (LogProbabilities, nn.KLDivLoss(reduction="sum")),
    (lambda: nn.Sequential(model(), nn.Softmax(1)), nn.MSELoss()),
]
NAMES = ["cross-entropy", "bce", "kl", "kl summed", "mse"]


@pytest.mark.parametrize(("build", "criterion"), CASES, ids=NAMES)
@pytest.mark.filterwarnings("error")
def test_any_criterion_of_soft_targets_is_trained_and_measured(build, criterion):
    net, data, val = build(), soft(), soft(48, seed=1)
    options = {"criterion": criterion, "train_loader": data, "val_loader": val}
    rate = 0.005 if criterion.reduction == "sum" else 0.3
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    history = run(net, optimizer, epochs=12, accumulate=2, ema=0.5, **options)
    assert history.train_loss[-1] < history.train_loss[0]
    assert history.val_acc[-1] == 1.0
    assert history.ema_val_acc[-1] == 1.0
    net.eval()
    with torch.no_grad():
        losses = [float(criterion(net(images), targets)) for images, targets in val]
    sizes = [1, 1] if criterion.reduction == "sum" else [40, 8]
    mean = sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / 48
    assert history.val_loss[-1] == pytest.approx(mean, rel=1e-5)


def test_mixed_images_are_trained_on_and_whole_ones_measured():
    mixing = v2.RandomChoice([v2.MixUp(num_classes=3), v2.CutMix(num_classes=3)])
    data = make_loader(loader().dataset, batch_size=16, batch_transform=mixing)
    history = run(train_loader=data, epochs=8)
    assert history.val_acc[-1] == 1.0


def test_an_ensemble_is_scored_on_soft_targets():
    nets = [model(seed=seed) for seed in range(2)]
    for net in nets:
        run(net, train_loader=soft(), epochs=6)
    hard = loader(48, shuffle=False, seed=1)
    scored = [build_ensemble(nets, data, torch.device("cpu")) for data in (soft(48, 1), hard)]
    assert scored[0].accuracy == scored[1].accuracy == 1.0
    assert scored[0].member_accuracy == scored[1].member_accuracy
