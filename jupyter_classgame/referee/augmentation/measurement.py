"""Tell what random things happen to images, from what becomes of probe images."""

from collections.abc import Sequence

import numpy as np

from jupyter_classgame.referee.augmentation import probe_images
from jupyter_classgame.referee.augmentation.effect_classifier import EffectClassifier
from jupyter_classgame.referee.augmentation.repeated_draws import Draw, RepeatedDraws
from jupyter_classgame.referee.facts import Effect


class ProbesLostError(Exception):
    """The probe images do not come out at the other end."""


class NotReproducibleError(Exception):
    """The same seed does not make the same choices."""


def varies(draw: Draw, size: tuple[int, int], seeds: Sequence[int]) -> bool:
    """Whether outputs differ between seeds, or between the images of one batch."""
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


def check(draw: Draw, size: tuple[int, int]) -> None:
    """Make sure that pictures reach the output and that seeds repeat.

    Raises
    ------
    UnreachedError, UnrepeatableError
    """
    one, again = draw(probe_images.texture(size, 1), 11), draw(probe_images.texture(size, 1), 11)
    if one.shape != again.shape or not np.allclose(one, again, atol=1e-5, equal_nan=True):
        raise NotReproducibleError
    other = draw(probe_images.texture(size, 2), 11)
    if one.shape == other.shape and np.allclose(one, other, atol=1e-6):
        raise ProbesLostError


def by_size(
    draw: Draw, size: tuple[int, int], seeds: Sequence[int]
) -> tuple[Sequence[int], Effect | None]:
    """Return the seeds of the commonest size of batch, and the effect if sizes mean scaling.

    Raises
    ------
    UnreachedError
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
    """Return what happens to images over all draws.

    Parameters
    ----------
    draw
        Has passed `check`.
    size
        Height and width of the pictures to show.
    seeds
        One batch is drawn for each.
    """
    draws = RepeatedDraws(draw, size, seeds)
    geometry, full = _located(draws)
    colour = draws.of(probe_images.coloured(size))
    return EffectClassifier(draws, geometry, colour, full).effects()
