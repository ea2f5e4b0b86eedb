import random

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import transforms as v1
from torchvision import tv_tensors
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised import build_pipeline
from jupyter_classgame.errors import DataError


@pytest.fixture
def images():
    return torch.rand(12, 3, 10, 10, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def draws():
    return Draws(1, 2, range(12))


def darker(image):
    return image / 2


class MyFlip(v2.RandomHorizontalFlip):
    def transform(self, inpt, params):  # noqa: ARG002 - its base class calls it so
        return inpt.flip(-2)


class Grain:
    def __call__(self, image):
        return image + random.random() + np.random.rand() + torch.rand(())  # noqa: S311


TO_FLOAT = v2.ToDtype(torch.float32, scale=True)


def replaced():
    flip = v2.RandomHorizontalFlip(1)
    flip.transform = lambda inpt, params: inpt * 0
    return flip


def hooked():
    flip = v2.RandomHorizontalFlip(1)
    flip.register_forward_hook(lambda module, inputs, output: output * 0)
    return flip


@pytest.mark.parametrize(
    ("transform", "names"),
    [
        (None, ()),
        (darker, ("darker",)),
        (Grain(), ("Grain",)),
        (MyFlip(1), ("MyFlip",)),
        (replaced(), ("RandomHorizontalFlip",)),
        (hooked(), ("RandomHorizontalFlip",)),
        (v2.Lambda(darker), ("Lambda",)),
        (v2.RandomRotation(5, expand=True), ("RandomRotation",)),
        (v2.RandomPerspective(), ("RandomPerspective",)),
        (v2.RandomAffine(5, fill={torch.Tensor: 1, "others": 0}), ("RandomAffine",)),
        (v2.ToDtype(torch.float64), ("ToDtype",)),
        (v2.RandomResizedCrop(9, interpolation="bicubic"), ("RandomResizedCrop",)),
        (v2.RandomApply([darker]), ("RandomApply",)),
        (v2.RandomChoice([v2.RandomInvert(), v2.RandomApply([darker])]), ("RandomChoice",)),
        (v2.Compose([v2.RandomInvert(), nn.Sequential(MyFlip()), darker]), ("MyFlip", "darker")),
        (v1.Compose([v1.ToPILImage(), v1.RandomRotation(9), v1.ToTensor(), v1.RandomRotation(9)]),
         ("ToPILImage", "RandomRotation", "ToTensor")),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else type(value).__name__,
)  # fmt: skip
def test_what_is_not_known_exactly_goes_one_by_one(transform, names):
    pipeline = build_pipeline(transform)
    assert pipeline.per_sample == names
    assert pipeline.random == bool(names)


@pytest.mark.parametrize(
    "transform",
    [
        darker,
        MyFlip(1),
        replaced(),
        hooked(),
        v2.Compose([v2.Resize(8), darker, v2.Normalize([0.5], [2])]),
        v2.Compose([darker, v2.ToPILImage(), v2.Resize(7), v2.ToImage(), TO_FLOAT]),
        v2.Compose([v2.ToDtype(torch.uint8, scale=True), v2.RandomInvert(1), TO_FLOAT]),
        v1.Compose([v1.ToPILImage(), v1.RandomInvert(1), v1.ToTensor()]),
    ],
)  # fmt: skip
def test_one_by_one_is_as_by_hand(images, draws, transform):
    expected = torch.stack([transform(image.clone()) for image in images])
    assert torch.equal(build_pipeline(transform)(images, draws), expected)


def test_one_by_one_every_image_is_seeded_by_its_address(images):
    pipeline = build_pipeline(v2.Compose([v2.RandomInvert(0), Grain(), v2.RandomInvert(0)]))
    whole = pipeline(images.clone(), Draws(1, 2, range(12)))
    added = (whole - images).mean((1, 2, 3))
    assert len(added.unique()) == 12
    part = pipeline(images[[8, 3]].clone(), Draws(1, 2, [8, 3]))
    assert torch.equal(part, whole[[8, 3]])
    assert not torch.equal(pipeline(images.clone(), Draws(1, 3, range(12))), whole)


def test_one_by_one_leaves_the_random_state(images, draws):
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    expected = Grain()(torch.zeros(1))
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    build_pipeline(Grain())(images, draws)
    assert torch.equal(Grain()(torch.zeros(1)), expected)


def test_batches_draw_from_no_global_source(images, draws):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    build_pipeline(v2.Compose([v2.RandomRotation(9), v2.RandAugment(), v2.GaussianNoise()]))(
        images, draws
    )
    assert torch.equal(torch.get_rng_state(), before)


def test_stages_draw_apart(images, draws):
    twice = v2.Compose([v2.RandomHorizontalFlip(0.5), v2.RandomVerticalFlip(0.5)])
    result = build_pipeline(twice)(images.clone(), draws)
    ways = {
        tuple(
            bool(torch.equal(out, before.flip(dims) if dims else before))
            for dims in ((), (-1,), (-2,), (-1, -2))
        )
        for out, before in zip(result, images, strict=True)
    }
    assert len(ways) == 4


def test_parameters_are_read_when_a_batch_is_made(images, draws):
    flip = v2.RandomHorizontalFlip(0)
    chain = v2.Compose([flip])
    pipeline = build_pipeline(chain)
    assert torch.equal(pipeline(images.clone(), draws), images)
    flip.p = 1
    assert torch.equal(pipeline(images.clone(), draws), images.flip(-1))
    chain.transforms.append(darker)
    assert build_pipeline(chain).per_sample == ("darker",)


def test_code_of_ones_own_sees_images_after_to_image(images, draws):
    seen = []

    def look(image):
        seen.append(type(image))
        return image

    pipeline = build_pipeline(v2.Compose([v2.ToImage(), v2.RandomInvert(0), look]))
    assert type(pipeline(images, draws)) is torch.Tensor
    assert set(seen) == {tv_tensors.Image}
    assert build_pipeline(v2.Compose([look, v2.ToImage()])).per_sample[0].endswith("look")
    assert build_pipeline(v2.ToImage()).per_sample == ()


def test_it_is_parted_after_the_last_that_goes_one_by_one():
    flip = v2.RandomHorizontalFlip()
    first, rest = build_pipeline(
        v2.Compose([flip, darker, flip, MyFlip(), flip, flip])
    ).split_for_cpu()
    assert (len(first.stages), len(rest.stages)) == (4, 2)
    first, rest = build_pipeline(flip).split_for_cpu()
    assert (len(first.stages), len(rest.stages)) == (0, 1)


def ragged(image):
    return image[:, : int(image[0, 0, 0] * 8) + 1]


def test_sizes_may_differ_in_between(images, draws):
    chain = v2.Compose([ragged, v2.Resize((6, 6))])
    expected = torch.stack([chain(image) for image in images])
    assert torch.equal(build_pipeline(chain)(images, draws), expected)


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (v2.ToPILImage(), "transform ToPILImage returned Image; it must return a tensor of shape"),
        (lambda image: None, "transform .*<lambda> returned NoneType; "),
        (lambda image: image.permute(1, 2, 0), r"returned Tensor\(10, 10, 3\)"),
        (nn.Flatten(0), r"transform Flatten returned Tensor\(300,\)"),
        (ragged, r"transform ragged returned images of different sizes, \(3, 1, 10\) and"),
        (v2.RandomApply([v2.Resize(5)]), r"turned some images of \(3, 10, 10\) into \(3, 5, 5\)"),
        (v2.RandomOrder([v2.Resize(5), v2.Pad(1)]), r"makes images of \(3, 7, 7\) and of"),
    ],
)
def test_what_is_no_batch_is_named(images, draws, transform, message):
    with pytest.raises(DataError, match=message) as caught:
        build_pipeline(transform)(images, draws)
    assert "\n" not in str(caught.value)


def test_torchvisions_own_errors_are_as_by_hand(images, draws):
    for transform in (v2.Normalize([0.5] * 4, [1] * 4), v2.RandomCrop(30), v2.GaussianBlur(31),
                      v2.RandomErasing(1, value=(1, 2))):  # fmt: skip
        with pytest.raises((RuntimeError, ValueError)) as by_hand:
            transform(images[0])
        with pytest.raises(type(by_hand.value)):
            build_pipeline(transform)(images, draws)


def test_other_precision_gives_the_same_pictures(images, draws, monkeypatch):
    chain = v2.Compose([v2.RandomRotation(20, "bilinear"), v2.RandomResizedCrop(9)])
    exact = build_pipeline(chain)(images.clone(), draws)
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: "medium")
    torch.testing.assert_close(build_pipeline(chain)(images, draws), exact, atol=1e-5, rtol=0)
