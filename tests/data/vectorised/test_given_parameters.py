"""Given what was drawn, a batch is what torchvision makes of its images one by one."""

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F  # noqa: N812 - torchvision's name for it

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.appearance import blur, colour_jitter, erasing
from jupyter_classgame.data.vectorised.composition import rand_augment
from jupyter_classgame.data.vectorised.geometry import affine, crop, resized_crop, rotation

COUNT = 96
FILLS = [0, None, 0.3, [0.1, 0.5, 0.9]]


@pytest.fixture(params=[(16, 16), (13, 18)], ids=str)
def images(request):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(COUNT, 3, *request.param, generator=generator)


@pytest.fixture
def draws():
    return Draws(11, 3, range(COUNT))


def one_by_one(images, function, *parameters):
    rows = torch.stack([part.double() for part in parameters], dim=1).tolist()
    whole = [not part.is_floating_point() for part in parameters]
    rows = [[int(n) if i else n for n, i in zip(row, whole, strict=True)] for row in rows]
    return torch.stack([function(image, *row) for image, row in zip(images, rows, strict=True)])


def close(one, other, tolerance=2e-6):
    torch.testing.assert_close(one, other, atol=tolerance, rtol=0)


@pytest.mark.parametrize("fill", FILLS, ids=str)
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("center", [None, (3, 9)])
def test_rotation(images, draws, mode, fill, center):
    transform = v2.RandomRotation((-170, 80), interpolation=mode, fill=fill, center=center)
    degrees = rotation.angles(transform, draws, 1)
    expected = one_by_one(
        images,
        lambda image, angle: F.rotate(image, angle, mode, center=center, fill=fill),
        degrees,
    )
    close(rotation.rotate(transform, images.clone(), degrees), expected)


@pytest.mark.parametrize("quarter", [-360, -90, 0, 90, 180, 270])
def test_quarter_turns_move_pixels_as_they_are(images, quarter):
    transform = v2.RandomRotation((quarter, quarter))
    turned = rotation.rotate(transform, images, torch.full((COUNT,), float(quarter)).double())
    assert torch.equal(turned, torch.stack([transform(image) for image in images]))


@pytest.mark.parametrize("fill", FILLS, ids=str)
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize(
    "options",
    [
        {"degrees": 0, "translate": (0.2, 0.3)},
        {"degrees": 30, "scale": (0.6, 1.5)},
        {"degrees": 0, "shear": 20},
        {"degrees": (5, 9), "translate": (0.1, 0), "scale": (0.8, 1), "shear": (-9, 3, 2, 20)},
        {"degrees": 90, "shear": (0, 10), "center": (2, 1)},
    ],
    ids=str,
)
def test_affine(images, draws, mode, fill, options):
    transform = v2.RandomAffine(**options, interpolation=mode, fill=fill)
    drawn = affine.parameters(transform, tuple(images.shape[-2:]), draws, 1)
    expected = one_by_one(
        images,
        lambda image, angle, x, y, scale, sx, sy: F.affine(
            image, angle, [x, y], scale, [sx, sy], mode, fill=fill, center=options.get("center")
        ),
        drawn.angle, *drawn.translate, drawn.scale, *drawn.shear,
    )  # fmt: skip
    close(affine.move(transform, images.clone(), drawn), expected)


@pytest.mark.parametrize(
    "options",
    [
        {"size": 10},
        {"size": (9, 12), "padding": 2},
        {"size": 16, "padding": (1, 2), "pad_if_needed": True},
        {"size": (20, 25), "pad_if_needed": True, "fill": 0.4},
        {"size": 13, "padding": (4, 0, 1, 3), "fill": (0.2, 0.3, 0.4)},
        {"size": 13, "padding": 4, "padding_mode": "reflect"},
        {"size": 13, "padding": 4, "padding_mode": "edge"},
        {"size": 13, "padding": 3, "padding_mode": "symmetric"},
    ],
    ids=str,
)
def test_crop(images, draws, options):
    transform = v2.RandomCrop(**options)
    size = tuple(images.shape[-2:])
    left, right, top, bottom = padding = crop.padding_of(transform, size)
    tops, lefts = crop.corners(transform, size, padding, draws, 1)
    assert len(tops.unique()) > 1 or size[0] + top + bottom == transform.size[0]
    fill = list(transform.fill) if isinstance(transform.fill, tuple) else transform.fill
    padded = F.pad(images, [left, top, right, bottom], fill, transform.padding_mode)
    expected = one_by_one(
        padded, lambda image, row, column: F.crop(image, row, column, *transform.size), tops, lefts
    )
    assert torch.equal(crop.windows(transform, images.clone(), padding, tops, lefts), expected)


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("options", [{}, {"scale": (0.4, 1)}, {"ratio": (3, 4)}], ids=str)
@pytest.mark.parametrize("size", [(16, 16), (7, 30), (40, 9)], ids=str)
@pytest.mark.parametrize("exact", ["highest", "high"])
def test_resized_crop(images, draws, size, options, antialias, exact, monkeypatch):
    transform = v2.RandomResizedCrop(size, **options, antialias=antialias)
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: exact)
    drawn = resized_crop.boxes(transform, tuple(images.shape[-2:]), draws, 1)
    places = drawn.tops, drawn.lefts, drawn.heights, drawn.widths
    expected = one_by_one(
        images,
        lambda image, *place: F.resized_crop(image, *place, size, antialias=antialias),
        *places,
    )
    close(resized_crop.crop_and_resize(transform, images.clone(), drawn), expected)


@pytest.mark.parametrize("value", [0, 0.7, (0.1, 0.2, 0.3)])
def test_erasing(images, draws, value):
    transform = v2.RandomErasing(value=value, scale=(0.02, 0.9), ratio=(0.2, 5))
    drawn = erasing.boxes(transform, tuple(images.shape[-2:]), draws, 1)
    assert drawn.found.any()
    colour = torch.tensor(transform.value)[:, None, None]

    def erase(image, row, column, height, width, found):
        return F.erase(image, row, column, height, width, colour) if found else image

    expected = one_by_one(
        images, erase, drawn.tops, drawn.lefts, drawn.heights, drawn.widths, drawn.found
    )
    assert torch.equal(erasing.erase(transform, images.clone(), drawn, draws, 2), expected)


def test_erasing_by_noise(images, draws):
    transform = v2.RandomErasing(value="random")
    drawn = erasing.boxes(transform, tuple(images.shape[-2:]), draws, 1)
    erased = erasing.erase(transform, images.clone(), drawn, draws, 2)
    inside = drawn.mask(*images.shape[-2:]).expand_as(images)
    assert torch.equal(erased[~inside], images[~inside])
    assert abs(float(erased[inside].mean())) < 0.05
    assert abs(float(erased[inside].std()) - 1) < 0.05


@pytest.mark.parametrize("size", [3, (5, 9), (1, 3)])
def test_blur(images, draws, size):
    transform = v2.GaussianBlur(size, (0.1, 3))
    sigma = blur.sigmas(transform, draws, 1)
    expected = one_by_one(
        images, lambda image, s: F.gaussian_blur(image, transform.kernel_size, [s, s]), sigma
    )
    close(blur.blur(images, tuple(transform.kernel_size), sigma), expected)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"brightness": 0.6},
        {"contrast": (0.2, 2)},
        {"saturation": 0.9},
        {"hue": 0.5},
        {"brightness": 0.4, "hue": (-0.2, 0.1)},
        {"brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.3},
    ],
    ids=str,
)
def test_jitter(images, draws, options, channels):
    images = images[:, :channels]
    images[0, :, 2] = images[0, :1, 2]  # grey has no hue
    images[1] = 0
    transform = v2.ColorJitter(**options)
    drawn = colour_jitter.parameters(transform, draws, 1)
    numbers = {"brightness": 0, "contrast": 1, "saturation": 2, "hue": 3}
    expected = []
    for place, image in enumerate(images):
        factors = {f"{name}_factor": None for name in numbers}
        factors |= {f"{name}_factor": float(part[place]) for name, part in drawn.factors.items()}
        order = [numbers[list(drawn.factors)[step]] for step in drawn.orders[place]]
        expected.append(transform.transform(image, {"fn_idx": order, **factors}))
    close(colour_jitter.jitter(images.clone(), drawn), torch.stack(expected), 1e-5)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", [v2.RandAugment, v2.TrivialAugmentWide])
@pytest.mark.parametrize("options", [{}, {"interpolation": "bilinear", "fill": 0.5}], ids=str)
def test_policies(images, draws, kind, options, channels):
    images = images[:, :channels]
    transform = kind(**options)
    space = transform._AUGMENTATION_SPACE
    levels = draws.integers(5, 31, 1)[:, 0]
    signs = 1 - 2 * draws.integers(6, 2, 1)[:, 0].double()
    height, width = images.shape[-2:]
    for number, (name, (magnitudes_of, signed)) in enumerate(space.items()):
        table = magnitudes_of(31, height, width)
        expected = []
        for image, level, sign in zip(images, levels, signs.tolist(), strict=True):
            magnitude = 0.0 if table is None else float(table[level]) * (sign if signed else 1)
            expected.append(
                transform._apply_image_or_video_transform(
                    image, name, magnitude, transform.interpolation, transform._fill
                )
            )
        picked = torch.full((COUNT,), number)
        result = rand_augment.step(transform, images.clone(), picked, levels, signs)
        different = (result - torch.stack(expected)).abs() > 1e-5
        # A pixel between two, to the last bit of its place, may go either way.
        assert different.float().mean() < 0.001, name
