"""Where stored images come from, by what they look like."""

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import functional as tf

from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.referee.loader.origins.foreign_images import foreign_images


def pictures(count, seed):
    """Smooth blobs with grain, uint8 (count, 3, 32, 32)."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 5, 5, generator=generator)
    smooth = functional.interpolate(coarse, size=(32, 32), mode="bilinear", align_corners=True)
    grain = torch.rand(count, 3, 32, 32, generator=generator)
    return ((0.8 * smooth + 0.2 * grain) * 255).round().to(torch.uint8)


SPLITS = [
    ResidentImages(pictures(count, seed), np.arange(count) % 10)
    for seed, count in ((0, 200), (1, 60), (2, 80))
]


def pixels(which):
    return SPLITS[which].pixels.float() / 255


def found(change, *, validated=None, source=0):
    """Look at training images that were changed, beside validation images that may be too."""
    stored = change(pixels(source))
    val = (validated or (lambda x: x))(pixels(1))
    loader = DataLoader(TensorDataset(val, torch.zeros(len(val))), batch_size=16)
    return foreign_images(list(stored[:64]), loader, (SPLITS[0], SPLITS[1]), SPLITS[2])


def whitened(x):
    centred = x.flatten(1) - pixels(0).flatten(1).mean(0)
    axes = torch.linalg.svd(centred, full_matrices=False)[2][:40]
    return (centred @ axes.T @ axes.flip(0)).view_as(x)


ALIKE = {
    "as they are": lambda x: x,
    "mirrored": lambda x: x.flip(-1),
    "standardised": lambda x: (
        (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True)
    ),
    "each by itself": lambda x: (
        (x - x.mean((1, 2, 3), keepdim=True)) / x.std((1, 2, 3), keepdim=True)
    ),
    "from -1 to 1": lambda x: 2 * x - 1,
    "slightly blurred": lambda x: tf.gaussian_blur(x, [3, 3], [0.8, 0.8]),
    "smaller": lambda x: functional.avg_pool2d(x, 2),
}

BOTH = {
    "cropped": lambda x: x[..., 4:28, 4:28],
    "grey": lambda x: x.mean(1, keepdim=True),
    "whitened": whitened,
    "some of them much darker": lambda x: x.clamp(0, 0.5),
    "equalised": lambda x: tf.equalize((255 * x).to(torch.uint8)).float() / 255,
    "edges": lambda x: x - tf.gaussian_blur(x, [9, 9], [3.0, 3.0]),
}


@pytest.mark.parametrize("change", ALIKE.values(), ids=ALIKE)
def test_images_of_the_game_prepared_in_any_usual_way(change):
    assert found(change) == ""


@pytest.mark.parametrize("change", BOTH.values(), ids=BOTH)
def test_images_that_are_all_prepared_alike(change):
    assert found(change, validated=change) == ""


HIDDEN = {
    "shifted": lambda x: x.roll((4, 4), (-2, -1)),
    "enlarged": lambda x: tf.resize(x, [40, 40], antialias=True)[..., 4:36, 4:36],
    "turned": lambda x: tf.rotate(x, 10),
    "negated": lambda x: 1 - x,
    "noised": lambda x: (x + 0.15 * torch.randn_like(x)).clamp(0, 1),
}


@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN)
def test_hidden_images_changed(change):
    torch.manual_seed(0)
    assert "hidden" in found(change, source=2)


def half_turned(x):
    return torch.stack([tf.rotate(one, 20) if k % 2 else one for k, one in enumerate(x)])


OTHERS = {
    "half of them turned": (half_turned, "beside others that are"),
    "all turned": (lambda x: tf.rotate(x, 20), "changed"),
    "from elsewhere": (lambda x: pictures(len(x), seed=77).float() / 255, "not recognised"),
}


@pytest.mark.parametrize(("change", "said"), OTHERS.values(), ids=OTHERS)
def test_images_that_are_not_the_games_own(change, said):
    assert said in found(change)
