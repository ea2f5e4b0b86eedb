"""The training tasks: three models, each with its image size, batch size and optimizer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torchvision
from torch import nn
from torchvision.transforms import v2

CLASSES = 10
MODEL_3_PARAMETERS = 309_290
"""With the running statistics of batch norm, as Keras counts them."""


def model_3() -> nn.Module:
    """Build "Model 3": six convolutions with ELU, batch norm and dropout, for 32x32."""
    layers: list[nn.Module] = []
    channels = 3
    for width, drop in ((32, 0.2), (64, 0.3), (128, 0.4)):
        for _ in range(2):
            layers += [
                nn.Conv2d(channels, width, kernel_size=3, padding=1),
                nn.ELU(),
                nn.BatchNorm2d(width),
            ]
            channels = width
        layers += [nn.MaxPool2d(2), nn.Dropout(drop)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 4 * 4, CLASSES))
    assert numbers_in(model) == MODEL_3_PARAMETERS, numbers_in(model)
    return model


def baseline() -> nn.Module:
    """Build the first game's baseline: two convolutions and two linear layers, for 64x64."""
    return nn.Sequential(
        nn.Conv2d(3, 32, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 16 * 16, 64),
        nn.ReLU(),
        nn.Linear(64, CLASSES),
    )


def resnet_18() -> nn.Module:
    """Build torchvision's ResNet-18 with ten outputs."""
    return torchvision.models.resnet18(num_classes=CLASSES)


@dataclass(frozen=True)
class Work:
    """A model and how it is trained; ``optimizer`` is a class of ``torch.optim``."""

    title: str
    size: int
    batch: int
    build: Callable[[], nn.Module]
    optimizer: type[torch.optim.Optimizer]
    options: dict[str, float] = field(default_factory=dict)

    def model(self, seed: int) -> nn.Module:
        """Build the model; one seed always gives the same weights."""
        torch.manual_seed(seed)
        return self.build()

    def optimizer_for(self, model: nn.Module) -> torch.optim.Optimizer:
        """Build the optimizer of a model's parameters."""
        return self.optimizer(model.parameters(), **self.options)


WORKS = {
    "model3": Work("Model 3 at 32x32", 32, 64, model_3, torch.optim.RMSprop, {"lr": 1e-3}),
    "baseline": Work("the baseline at 64x64", 64, 8, baseline, torch.optim.SGD, {"lr": 0.01}),
    "resnet18": Work(
        "ResNet-18 at 96x96", 96, 64, resnet_18, torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}
    ),
}

SHIFT = 0.125
"""Largest shift, as a share of width and height: 4 pixels of 32."""


def augmentation() -> Any:
    """Flip and shift, as torchvision writes them."""
    return v2.Compose(
        [v2.RandomHorizontalFlip(0.5), v2.RandomAffine(degrees=0, translate=(SHIFT, SHIFT))]
    )


def numbers_in(model: nn.Module) -> int:
    """Count a model's parameters and running statistics."""
    buffers = [b for b in model.buffers() if b.is_floating_point()]
    return sum(tensor.numel() for tensor in [*model.parameters(), *buffers])
