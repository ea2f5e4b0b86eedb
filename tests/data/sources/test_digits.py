import numpy as np
import torch
from sklearn.datasets import load_digits

from jupyter_classgame.data import DataSpec, load_images


def test_digits_are_32x32_and_offline():
    sets = load_images(DataSpec("digits"), memory_cap=10**9)
    assert sets.classes == tuple("0123456789")
    assert sets.image_size == (32, 32)
    parts = (sets.train, sets.val, sets.test)
    assert [len(part) for part in parts] == [1151, 287, 359]
    total = sum(np.bincount(part.labels, minlength=10) for part in parts)
    assert total.tolist() == np.bincount(load_digits().target).tolist()


def test_they_are_the_real_ones_in_three_equal_channels():
    sets = load_images(DataSpec("digits"), (8, 8), memory_cap=10**9)
    image = sets.train.image(0)
    assert torch.equal(image[0], image[1])
    assert torch.equal(image[0], image[2])
    originals = np.rint(load_digits().images / 16 * 255).astype(np.uint8)
    matches = (originals == image[0].numpy()).all(axis=(1, 2))
    assert load_digits().target[matches].tolist() == [sets.train.labels[0]]


def test_upscaling_is_smooth():
    small, large = (
        load_images(DataSpec("digits"), size, memory_cap=10**9).train.image(0).float()
        for size in ((8, 8), (32, 32))
    )
    blocks = small.repeat_interleave(4, dim=1).repeat_interleave(4, dim=2)
    assert (large.mean() - small.mean()).abs() < 3
    assert large.diff(dim=2).abs().max() < 0.6 * blocks.diff(dim=2).abs().max()
