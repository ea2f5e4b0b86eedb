"""Probe images that show, for each output pixel, where in the source image it comes from.

Structured light by phase shifting, as in the measurement of surfaces (Srinivasan, Liu & Halioua
1984): three sinusoids a third of a period apart give every pixel's phase whatever its brightness
and contrast, so one period across the width is a coordinate. Where there is no modulation, there
is no image: a hole or a border. Finer sinusoids distinguish blur from interpolation.
"""

from dataclasses import dataclass

import numpy as np
import numpy.ma  # np.unique needs it: each child would import it for itself

Array = np.ndarray

AMPLITUDE = 0.27
STEPS = 3
FEWEST = 8
LEAST = 0.04
ENOUGH = 700
COLOUR = (0.72, 0.5, 0.3)


def ramp(size: tuple[int, int], axis: int, step: int) -> Array:
    """Return one of three sinusoids with one period along an axis, grey, (height, width, 3).

    Parameters
    ----------
    size
        Height and width.
    axis
        0 for down, 1 for across.
    step
        0, 1 or 2: shifted by as many thirds of a period.
    """
    height, width = size
    count = size[axis]
    phase = 2 * np.pi * (np.arange(count) + 0.5) / count
    wave: Array = 0.5 + AMPLITUDE * np.cos(phase + 2 * np.pi * step / STEPS)
    grid = np.broadcast_to(wave[:, None] if axis == 0 else wave[None, :], (height, width))
    image: Array = np.repeat(grid[..., None], 3, axis=-1)
    return image


def stripes(size: tuple[int, int], period: float, step: int) -> Array:
    """Return one of three shifted diagonal sinusoids; `period` in pixels along each axis."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    phase = 2 * np.pi * (rows + columns) / period
    wave: Array = 0.5 + AMPLITUDE * np.cos(phase + 2 * np.pi * step / STEPS)
    image: Array = np.repeat(wave[..., None], 3, axis=-1)
    return image


def coloured(size: tuple[int, int]) -> Array:
    """Return one colour under a faint sinusoid, as a flat image has no contrast to adjust."""
    wave = ramp(size, 1, 0) + ramp(size, 0, 0) - 1.0
    image: Array = np.clip(np.array(COLOUR) + 0.03 * wave, 0, 1)
    return image


def texture(size: tuple[int, int], seed: int) -> Array:
    """Return coloured blobs with fine noise, different for each seed, (height, width, 3)."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((5, 5, 3))
    rows = np.linspace(0, 3.999, size[0])
    columns = np.linspace(0, 3.999, size[1])
    r, c = rows.astype(int), columns.astype(int)
    fr, fc = (rows - r)[:, None, None], (columns - c)[None, :, None]
    top = coarse[r][:, c] * (1 - fc) + coarse[r][:, c + 1] * fc
    bottom = coarse[r + 1][:, c] * (1 - fc) + coarse[r + 1][:, c + 1] * fc
    smooth = top * (1 - fr) + bottom * fr
    image: Array = np.clip(0.75 * smooth + 0.25 * rng.random((*size, 3)), 0, 1)
    return image


def demodulate(waves: Array) -> Array:
    """Return amplitude times e^(i phase) of three shifted sinusoids (3, ...): complex, (...)."""
    turns = np.exp(-2j * np.pi * np.arange(STEPS) / STEPS).reshape(-1, *[1] * (waves.ndim - 1))
    result: Array = (2 / STEPS) * (waves * turns).sum(0)
    return result


@dataclass
class Geometry:
    """Where the pixels of n draws come from.

    Attributes
    ----------
    jacobian : (n, 2, 2)
        Source pixels (down, across) for each output pixel (down, across).
    centre : (n, 2)
        Source position of the output's centre, in source pixels from the source's centre,
        within half a source size.
    hole : (n, h, w) bool
        No image there, although the geometry predicts one.
    signal : (n, h, w) bool
        There is an image there.
    bent : (n,)
        Distance from an affine map that a fifth of the pixels exceed, source pixels.
    curved : (n,)
        Root mean square of the part that grows with the square of the position, source pixels.
    inside : (n, h, w) bool
        The geometry predicts a source pixel there.
    known : (n,) bool
        Whether the draw could be measured at all.
    strength : (n,)
        Amplitude of the modulation, relative to `full`.
    source
        Height and width of the source image.
    blocky : (n,)
        Share of neighbouring pixels that show the same source pixel.
    """

    jacobian: Array
    centre: Array
    hole: Array
    signal: Array
    bent: Array
    curved: Array
    inside: Array
    known: Array
    strength: Array
    source: tuple[int, int]
    blocky: Array


def locate(down: Array, across: Array, source: tuple[int, int], full: float) -> Geometry:
    """Measure the geometry of draws.

    Parameters
    ----------
    down, across : (n, h, w) complex
        The demodulated ramps along each axis.
    source
        Height and width of the source image.
    full
        The amplitude of waves that are not attenuated.
    """
    n, h, w = down.shape
    strength = np.quantile(np.abs(np.stack([down, across])).reshape(2, n, -1), 0.75, axis=2).min(0)
    floor = np.maximum(0.35 * strength, 0.03 * full)[:, None, None]
    signal = (np.abs(down) > floor) & (np.abs(across) > floor)
    known = (signal.mean((1, 2)) > LEAST) & (strength > 0.05 * full)
    jacobian = np.full((n, 2, 2), np.nan)
    centre = np.full((n, 2), np.nan)
    bent = np.full(n, np.nan)
    curved = np.full(n, np.nan)
    inside = np.zeros((n, h, w), bool)
    grid = grid_of(h, w)
    for k in np.flatnonzero(known):
        phases = [down[k], across[k]]
        fitted = _affine(phases, signal[k], grid, source)
        if fitted is None:
            known[k] = False
            continue
        jacobian[k], centre[k], bent[k], curved[k] = fitted
        where = grid @ jacobian[k].T + centre[k]
        margin = 1.0 + 0.75 * np.abs(jacobian[k]).sum(1)
        inside[k] = np.all(np.abs(where) < np.array(source) / 2 - margin, axis=-1)
    return Geometry(
        jacobian, centre, inside & ~signal, signal, bent, curved, inside, known,
        strength / max(full, 1e-12), source, _blocky(down, across, signal),
    )  # fmt: skip


def _affine(
    phases: list[Array], signal: Array, grid: Array, source: tuple[int, int]
) -> tuple[Array, Array, float, float] | None:
    """Fit source = jacobian @ output + centre; return both, and how bent and curved the map is."""
    jacobian = np.empty((2, 2))
    for axis, wave in enumerate(phases):
        per_radian = source[axis] / (2 * np.pi)
        for step in (0, 1):
            lag = max(1, min(4, signal.shape[step] // 8))
            a, b = (wave[lag:], wave[:-lag]) if step == 0 else (wave[:, lag:], wave[:, :-lag])
            both = (
                (signal[lag:], signal[:-lag]) if step == 0 else (signal[:, lag:], signal[:, :-lag])
            )
            ok = both[0] & both[1]
            if ok.sum() < FEWEST:
                return None
            jacobian[axis, step] = np.median(np.angle(a[ok] * b[ok].conj())) * per_radian / lag
    centre = np.empty(2)
    chosen = np.flatnonzero(signal)
    if len(chosen) > ENOUGH:
        chosen = np.random.default_rng(0).choice(chosen, ENOUGH, replace=False)
    points = grid.reshape(-1, 2)[chosen]
    radians = np.array(source) / (2 * np.pi)
    units = [wave.ravel()[chosen] for wave in phases]
    units = [unit / np.abs(unit) for unit in units]
    for axis in (0, 1):
        # The phase at pixel position p is 2 pi (p + 0.5) / size: the source's centre is at pi.
        centre[axis] = (
            _mode(np.angle(-units[axis] * np.exp(-1j * (points @ jacobian[axis] / radians[axis]))))
            * radians[axis]
        )
    rest = np.empty((2, len(points)))
    for reach, tolerance in ((0.5, 1.5), (0.42, 0.6), (0.36, 0.3)):
        where = points @ jacobian.T + centre
        near = np.all(np.abs(where) < np.array(source) * reach, axis=1)
        for axis in (0, 1):
            rest[axis] = np.angle(-units[axis] * np.exp(-1j * where[:, axis] / radians[axis]))
            good = near & (np.abs(rest[axis]) < tolerance)
            if good.sum() < FEWEST:
                return (jacobian, centre, 0.0, 0.0) if reach < 0.5 else None
            design = np.column_stack([points[good], np.ones(good.sum())])
            change, *_ = np.linalg.lstsq(design, rest[axis][good] * radians[axis], rcond=None)
            jacobian[axis] += change[:2]
            centre[axis] += change[2]
    where = points @ jacobian.T + centre
    core = np.all(np.abs(where) < np.array(source) * 0.42, axis=1)
    if core.sum() < FEWEST:
        return jacobian, centre, 0.0, 0.0
    rest = np.stack(
        [np.angle(-units[i] * np.exp(-1j * where[:, i] / radians[i])) * radians[i] for i in (0, 1)]
    )
    distance = np.sqrt((rest[:, core] ** 2).sum(0))
    r, c = (where[core] / np.array(source)).T
    design = np.column_stack([np.ones_like(r), r, c, r * r - 0.06, r * c, c * c - 0.06])
    bowed, *_ = np.linalg.lstsq(design, rest[:, core].T, rcond=None)
    curve = float(np.sqrt(((design[:, 3:] @ bowed[3:]) ** 2).sum(1).mean()))
    return jacobian, centre, float(np.quantile(distance, 0.8)), curve


def _blocky(down: Array, across: Array, signal: Array) -> Array:
    both = signal[:, :, 1:] & signal[:, :, :-1]
    still = np.ones_like(both)
    for wave in (down, across):
        still &= np.abs(np.angle(wave[:, :, 1:] * wave[:, :, :-1].conj())) < 1e-4
    result: Array = (still & both).sum((1, 2)) / np.maximum(both.sum((1, 2)), 1)
    return result


def _mode(angles: Array) -> float:
    """Return the mode of a distribution of angles."""
    bins, edges = np.histogram(angles, bins=24, range=(-np.pi, np.pi))
    ring = bins + np.roll(bins, 1) + np.roll(bins, -1)
    top = int(ring.argmax())
    middle = (edges[top] + edges[top + 1]) / 2
    near = np.angle(np.exp(1j * (angles - middle)))
    chosen = np.abs(near) < 3 * np.pi / 24
    return float(middle + np.median(near[chosen]))


def eroded(mask: Array) -> Array:
    """Return masks (n, h, w) eroded by one pixel."""
    padded = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    h, w = mask.shape[1:]
    result = np.ones_like(mask)
    for i in range(3):
        for j in range(3):
            result &= padded[:, i : i + h, j : j + w]
    return result


def grid_of(height: int, width: int) -> Array:
    """Return pixel positions (down, across) from the image's centre, shape (height, width, 2)."""
    rows, columns = np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), -1)
