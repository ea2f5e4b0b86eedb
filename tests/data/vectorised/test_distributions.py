"""Over thousands of draws a batch is distributed as torchvision's results image by image."""

import random

import pytest
import torch
from scipy import stats
from torch import nn
from torchvision import transforms as v1
from torchvision.transforms import InterpolationMode, v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised import build_pipeline

COUNT = 2000
RANDOM = {
    "flip": v2.RandomHorizontalFlip(0.3),
    "flip, v1": v1.RandomHorizontalFlip(0.3),
    "vertical flip": v2.RandomVerticalFlip(),
    "vertical flip, v1": v1.RandomVerticalFlip(),
    "rotation": v2.RandomRotation(30),
    "rotation, bilinear": v2.RandomRotation((20, 70), "bilinear", fill=0.3),
    "rotation, v1": v1.RandomRotation(30, InterpolationMode.BILINEAR, fill=[0.1, 0.2, 0.3]),
    "shift": v2.RandomAffine(0, translate=(0.2, 0.1)),
    "affine": v2.RandomAffine(10, (0.1, 0.2), (0.8, 1.2), (-5, 15, 0, 10), "bilinear"),
    "affine, v1": v1.RandomAffine(
        10, (0.1, 0.2), (0.8, 1.2), (-5, 15, 0, 10), InterpolationMode.BILINEAR
    ),
    "crop": v2.RandomCrop(12, padding=2),
    "crop, v1": v1.RandomCrop((9, 8), padding=(1, 2), pad_if_needed=True, fill=0.5),
    "crop, v1, reflected": v1.RandomCrop(12, padding=3, padding_mode="reflect"),
    "resized crop": v2.RandomResizedCrop(12, scale=(0.3, 1)),
    "resized crop, v1": v1.RandomResizedCrop((12, 10), ratio=(0.2, 0.6)),
    "blur": v2.GaussianBlur(5, (0.1, 2)),
    "blur, v1": v1.GaussianBlur((3, 5), (0.5, 2)),
    "erasing": v2.RandomErasing(0.6),
    "erasing, noise": v2.RandomErasing(0.6, value="random"),
    "erasing, large": v2.RandomErasing(1, scale=(0.5, 1), value=(0.5, 0.6, 0.7)),
    "erasing, v1": v1.RandomErasing(0.6, value="random"),
    "erasing, v1, white": v1.RandomErasing(0.6, value=1),
    "colour jitter": v2.ColorJitter(0.4, 0.4, 0.4, 0.2),
    "colour jitter, v1": v1.ColorJitter(0.4, 0.4, 0.4, 0.2),
    "contrast and hue": v2.ColorJitter(contrast=(0.5, 3), hue=(0.1, 0.4)),
    "grey": v2.RandomGrayscale(0.4),
    "grey, v1": v1.RandomGrayscale(0.4),
    "noise": v2.GaussianNoise(0.1, 0.3),
    "noise, not clipped": v2.GaussianNoise(0, 0.05, clip=False),
    "inversion": v2.RandomInvert(0.3),
    "inversion, v1": v1.RandomInvert(0.3),
    "solarized": v2.RandomSolarize(0.4, 0.3),
    "solarized, v1": v1.RandomSolarize(0.4, 0.3),
    "posterized": v2.RandomPosterize(2, 0.3),
    "sharpness": v2.RandomAdjustSharpness(3, 0.3),
    "sharpness, v1": v1.RandomAdjustSharpness(3, 0.3),
    "autocontrast": v2.RandomAutocontrast(0.3),
    "autocontrast, v1": v1.RandomAutocontrast(0.3),
    "equalized": v2.RandomEqualize(0.3),
    "applied": v2.RandomApply([v2.GaussianBlur(3), v2.RandomRotation(20)], 0.4),
    "applied, v1": v1.RandomApply(nn.ModuleList([v1.ColorJitter(0.5)]), 0.4),
    "choice": v2.RandomChoice(
        [v2.RandomErasing(1), v2.RandomInvert(1), nn.Identity()], p=[3, 1, 2]
    ),
    "choice, v1": v1.RandomChoice([v1.RandomErasing(1), v1.RandomInvert(1)], p=[3, 1]),
    "order": v2.RandomOrder([v2.RandomRotation(30), v2.GaussianBlur(3), v2.RandomErasing()]),
    "order, v1": v1.RandomOrder([v1.RandomErasing(0.7), v1.GaussianBlur(3)]),
    "RandAugment": v2.RandAugment(),
    "TrivialAugmentWide": v2.TrivialAugmentWide(),
    "chain": v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            nn.Sequential(v2.RandomRotation(15), v2.RandomAffine(0, (0.1, 0.1))),
            v2.RandomErasing(),
            v1.Compose([v2.Normalize([0.5] * 3, [0.2] * 3)]),
        ]
    ),
}
PLAIN = {
    "resize": v2.Resize(9),
    "resize up": v2.Resize((20, 17), "bicubic"),
    "resize, nearest": v2.Resize(9, "nearest", antialias=False),
    "resize, v1": v1.Resize((8, 11)),
    "centre": v2.CenterCrop((5, 20)),
    "centre, v1": v1.CenterCrop(8),
    "padding": v2.Pad((1, 2), (0.1, 0.2, 0.3)),
    "padding, v1": v1.Pad(2, padding_mode="symmetric"),
    "normalised": v2.Normalize([0.4, 0.5, 0.6], [0.1, 0.2, 0.3], inplace=True),
    "normalised, v1": v1.Normalize([0.4], [0.1]),
    "grey": v2.Grayscale(),
    "grey, three channels": v1.Grayscale(3),
    "rgb": v2.RGB(),
    "image": v2.ToImage(),
    "float": v2.ToDtype(torch.float32, scale=True),
    "float, v1": v1.ConvertImageDtype(torch.float32),
    "nothing": v2.Identity(),
    "written into after": v2.Compose(
        [v2.Grayscale(3), v2.CenterCrop(8), v2.RandomInvert(1), v2.RandomGrayscale(1),
         v2.ColorJitter((2, 2))]
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def picture():
    return torch.rand(3, 12, 12, generator=torch.Generator().manual_seed(2))


def numbers(results):
    """Boil images down to a few numbers that tell apart what may happen to them."""
    flat = results.flatten(1)
    generator = torch.Generator().manual_seed(4)
    weights = torch.randn(flat.shape[1], 5, generator=generator)
    middle = results[..., results.shape[-2] // 2, results.shape[-1] // 2].mean(1)
    # Rounded: two kernels may differ in the last bits, and ties must stay ties.
    return torch.cat([flat @ weights, middle[:, None], flat.std(1)[:, None]], 1).mul(500).round()


@pytest.mark.parametrize("name", RANDOM)
def test_random(picture, name):
    transform = RANDOM[name]
    pipeline = build_pipeline(transform)
    assert pipeline.per_sample == ()
    assert pipeline.random
    together = pipeline(picture.repeat(COUNT, 1, 1, 1), Draws(0, 0, range(COUNT)))
    torch.manual_seed(8)
    random.seed(8)  # what some transforms of v1 draw from
    one_by_one = torch.stack([transform(picture.clone()) for _ in range(COUNT)])
    assert together.shape == one_by_one.shape
    for one, other in zip(numbers(together).T, numbers(one_by_one).T, strict=True):
        assert stats.ks_2samp(one, other, method="asymp").pvalue > 0.0005
    # A different draw for every image.
    assert len(numbers(together).unique(dim=0)) == pytest.approx(
        len(numbers(one_by_one).unique(dim=0)), rel=0.1, abs=4
    )


@pytest.mark.parametrize("name", PLAIN)
def test_plain(name):
    images = torch.rand(10, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    transform = PLAIN[name]
    pipeline = build_pipeline(transform)
    assert pipeline.per_sample == ()
    expected = torch.stack([transform(image.clone()) for image in images])
    result = pipeline(images.clone(), Draws(0, 0, range(10)))
    assert torch.equal(result, expected.as_subclass(torch.Tensor))


@pytest.mark.parametrize("name", [*RANDOM, *PLAIN])
def test_an_image_comes_out_the_same_in_any_batch(name):
    images = torch.rand(24, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    pipeline = build_pipeline({**RANDOM, **PLAIN}[name])
    whole = pipeline(images.clone(), Draws(1, 2, range(24)))
    order = torch.randperm(24, generator=torch.Generator().manual_seed(3))
    parts = [pipeline(images[part], Draws(1, 2, part.tolist())) for part in order.split(7)]
    again = torch.empty_like(whole).index_copy_(0, order, torch.cat(parts))
    torch.testing.assert_close(again, whole, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", RANDOM)
def test_epochs_differ(name):
    images = torch.rand(24, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    pipeline = build_pipeline(RANDOM[name])
    first, again, second = (
        pipeline(images.clone(), Draws(1, epoch, range(24))) for epoch in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", sorted({*RANDOM, *PLAIN} - {"normalised, v1"}))
def test_everything_stays_on_the_images_device(name):
    # The meta device stands for an accelerator: it refuses to mix devices and to read numbers back.
    images = torch.rand(24, 3, 12, 12)
    pipeline = build_pipeline({**RANDOM, **PLAIN}[name])
    there = pipeline(images.to("meta"), Draws(1, 2, range(24)))
    assert there.device.type == "meta"
    assert there.shape == pipeline(images, Draws(1, 2, range(24))).shape
