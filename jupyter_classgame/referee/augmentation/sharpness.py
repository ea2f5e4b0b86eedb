"""Measurement of sharpness, which distinguishes blur, interpolation and rescaling."""

from dataclasses import dataclass

import numpy as np

from jupyter_classgame.referee.augmentation import probe_images
from jupyter_classgame.referee.augmentation.probe_images import Array, Geometry, eroded
from jupyter_classgame.referee.augmentation.repeated_draws import RepeatedDraws

UNEVEN = 0.06
CROOKED = 0.1
CLEAR = 0.2
FINE = ((4.0, 0.75), (8.0, 0.85), (16.0, 0.9))
"""Periods of the stripes, in pixels, and the share of their amplitude that a sharp image keeps."""
SAME_SIZE = 1.05
FEWEST = 16
ENOUGH = 500
LEAST_GAIN = 0.2


@dataclass
class Sharpness:
    """Measures how much of the contrast of fine stripes is left in draws.

    Attributes
    ----------
    draws, geometry
        The draws, and where their pixels come from.
    full
        The amplitude of waves that are not attenuated.
    scale : (n,)
        Source pixels for each output pixel.
    base : float
        The median scale.
    straight : (n,) bool
        The draws with an affine geometry.
    """

    draws: RepeatedDraws
    geometry: Geometry
    full: float
    scale: Array
    base: float
    straight: Array

    def blurred_and_scaled(self, undecided: Array, still: Array) -> tuple[Array, Array]:
        """Return the draws that are blurred, and those scaled down and up again.

        Blur affects all pixels alike, scaling down and up again does not.

        Parameters
        ----------
        undecided, still : (n,) bool
            The draws to examine, and those where only scaling can cause unevenness.
        """
        blurred = np.zeros(len(self.scale), bool)
        scaled, gone = blurred.copy(), blurred.copy()
        between = self._between_pixels()
        size = self.draws.size
        for period, sharp in FINE:
            stretch = period * max(1.0, self.base)
            if min(size) < 1.5 * stretch or not undecided.any():
                break
            amplitude, uneven, linear = self._response(stretch)
            scaling = still & linear & (uneven > UNEVEN)
            # A draw between pixels may be interpolated twice.
            again = np.where(between, np.cos(np.pi / period) ** 2, 1.0)
            faint = undecided & (np.nan_to_num(amplitude, nan=1.0) < sharp * again)
            clear = faint & (amplitude > CLEAR)
            scaled |= clear & scaling
            blurred |= clear & ~scaling
            gone = faint & ~clear
            undecided = gone
        return blurred | gone, scaled

    def _between_pixels(self) -> Array:
        """Return the draws whose pixels lie between source pixels: rotated, scaled or shifted."""
        geometry = self.geometry
        jacobian = np.nan_to_num(geometry.jacobian)
        whole = np.abs(jacobian - jacobian.round()).max((1, 2)) < 5e-3
        h, w = geometry.signal.shape[1:]
        corner = np.nan_to_num(geometry.centre) + (np.array(geometry.source) - 1) / 2
        corner = corner - jacobian @ ((np.array([h, w]) - 1) / 2)
        result: Array = ~whole | (np.abs(corner - corner.round()).max(1) > 0.03)
        return result

    def _response(self, period: float) -> tuple[Array, Array, Array]:
        """Return amplitude, relative to interpolation alone, its unevenness, and linearity."""
        geometry, size = self.geometry, self.draws.size
        waves = self.draws.waves(lambda step: probe_images.stripes(size, period, step))
        wave, level = probe_images.demodulate(waves), waves.mean(0)
        linear = np.zeros(len(self.scale), bool)
        h, w = wave.shape[1:]
        grid = probe_images.grid_of(h, w).reshape(-1, 2)
        amplitude = np.full(len(self.scale), np.nan)
        uneven = amplitude.copy()
        omega = 2 * np.pi / period
        for k in np.flatnonzero(self.straight & (self.scale < self.base * 1.02 + 1e-9)):
            core = eroded((geometry.signal[k] & geometry.inside[k])[None])[0]
            chosen = np.flatnonzero(core)
            if len(chosen) < FEWEST:
                continue
            if len(chosen) > ENOUGH:
                chosen = np.random.default_rng(0).choice(chosen, ENOUGH, replace=False)
            where = grid[chosen] @ geometry.jacobian[k].T + geometry.centre[k]
            where = where + (np.array(geometry.source) - 1) / 2
            expected = np.exp(1j * omega * where.sum(-1))
            gain = self.full * max(min(geometry.strength[k], 1.0), 0.05)
            ratio = wave[k].ravel()[chosen] * expected.conj() / gain
            evened = ratio / self._bilinear(where, omega)
            amplitude[k] = np.median(np.abs(evened))
            spread = np.sqrt((np.abs(evened - evened.mean()) ** 2).mean())
            uneven[k] = spread / max(abs(ratio.mean()), 1e-9)
            # Waves shifted by thirds add up to a constant under any linear operation.
            height = float(np.abs(wave[k].ravel()[chosen]).mean())
            linear[k] = level[k].ravel()[chosen].std() < CROOKED * height
        if self.base > SAME_SIZE and np.isfinite(amplitude).any():
            amplitude /= np.nanquantile(amplitude, 0.9)
        return amplitude, uneven, linear

    def _bilinear(self, where: Array, omega: float) -> Array:
        """Return the share of amplitude that bilinear interpolation leaves at such positions."""
        if self.base > SAME_SIZE:
            return np.ones(len(where))
        f = where - np.floor(where)
        left = (1 - f) * np.exp(-1j * omega * f) + f * np.exp(1j * omega * (1 - f))
        result: Array = np.maximum(np.abs(left.prod(-1)), LEAST_GAIN)
        return result
