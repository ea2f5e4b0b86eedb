"""Measurement of the random changes that images undergo, by probe images."""

from collections.abc import Sequence

import numpy as np

from jupyter_classgame.referee.augmentation import probe_images
from jupyter_classgame.referee.augmentation.effect_classifier import EffectClassifier
from jupyter_classgame.referee.augmentation.repeated_draws import Draw, RepeatedDraws
from jupyter_classgame.referee.facts import Effect


class ProbesLostError(Exception):
    """The probe images have no influence on the output."""


class NotReproducibleError(Exception):
    """The same seed does not lead to the same output."""


def varies(draw: Draw, size: tuple[int, int], seeds: Sequence[int]) -> bool:
    """Return whether outputs differ between seeds, or between the images of one batch."""
    picture = probe_images.texture(size, 1)
    first = None
    for seed in seeds:
        batch = draw(picture, seed)
        if first is None:
            first = batch[0]
        for image in batch:
            if image.shape != first.shape or not np.allclose(image, first, atol=1e-6):
                return True
    return False


def check(draw: Draw, size: tuple[int, int], *, every: bool = False) -> None:
    """Check that probe images influence the output and that the same seed repeats it.

    Parameters
    ----------
    draw
        Draws a batch of one picture.
    size
        Height and width of the picture.
    every
        Whether each image of the batch must change with the picture, and not some of them.

    Raises
    ------
    ProbesLostError
        The output is the same for another picture.
    NotReproducibleError
        The same seed leads to another output.
    """
    one, again = draw(probe_images.texture(size, 1), 11), draw(probe_images.texture(size, 1), 11)
    if one.shape != again.shape or not np.allclose(one, again, atol=1e-5, equal_nan=True):
        raise NotReproducibleError("the same seed does not lead to the same output")
    other = draw(probe_images.texture(size, 2), 11)
    if one.shape != other.shape:
        return
    same = [np.allclose(a, b, atol=1e-6) for a, b in zip(one, other, strict=True)]
    if any(same) if every else all(same):
        raise ProbesLostError


def by_size(
    draw: Draw, size: tuple[int, int], seeds: Sequence[int]
) -> tuple[Sequence[int], Effect | None]:
    """Return the seeds of the commonest size of output, and an effect if images are scaled to it.

    Raises
    ------
    ProbesLostError
        The probe images have no influence on the output.
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for seed in seeds:
        groups.setdefault(draw(probe_images.texture(size, 1), seed).shape[1:], []).append(seed)
    if len(groups) == 1:
        return seeds, None
    scales = {shape: _scale(draw, size, group[:1]) for shape, group in groups.items()}
    low, high = min(scales.values()), max(scales.values())
    most = max(groups.values(), key=len)
    if high < 1.03 * low:
        return most, None
    shown = ", ".join("x".join(map(str, shape[1:])) for shape in sorted(groups)[:3])
    text = f"batches come in {len(groups)} sizes ({shown}), the images scaled to them"
    return most, Effect("resampling", 1 - len(most) / len(seeds), text)


def _scale(draw: Draw, size: tuple[int, int], seeds: Sequence[int]) -> float:
    draws = RepeatedDraws(draw, size, seeds)
    geometry, _ = _located(draws)
    return float(np.nanmedian(np.sqrt(np.abs(np.linalg.det(geometry.jacobian)))))


def _located(draws: RepeatedDraws) -> tuple[probe_images.Geometry, float]:
    size = draws.size
    down = draws.wave(lambda step: probe_images.ramp(size, 0, step))
    across = draws.wave(lambda step: probe_images.ramp(size, 1, step))
    full = float(np.quantile(np.abs(np.concatenate([down, across])), 0.9))
    if not full > 0:
        raise ProbesLostError
    return probe_images.locate(down, across, size, full), full


def measure(draw: Draw, size: tuple[int, int], seeds: Sequence[int]) -> list[Effect]:
    """Return the effects on probe images over all draws.

    Parameters
    ----------
    draw
        Draws a batch of one picture; must pass `check`.
    size
        Height and width of the picture.
    seeds
        A batch is drawn for each of them.

    Raises
    ------
    ProbesLostError
        The probe images have no influence on the output.
    ImageSizesDifferError
        The outputs differ in size.
    """
    draws = RepeatedDraws(draw, size, seeds)
    geometry, full = _located(draws)
    colour = draws.of(probe_images.coloured(size))
    return EffectClassifier(draws, geometry, colour, full).effects()
