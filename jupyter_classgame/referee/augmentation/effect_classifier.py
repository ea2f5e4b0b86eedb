"""Classification of random changes of images by the geometry and colours of probe images."""

import numpy as np

from jupyter_classgame.referee.augmentation.probe_images import AMPLITUDE, Array, Geometry, eroded
from jupyter_classgame.referee.augmentation.repeated_draws import RepeatedDraws
from jupyter_classgame.referee.augmentation.sharpness import SAME_SIZE, Sharpness
from jupyter_classgame.referee.facts import Effect

TURN = np.deg2rad(1.5)
ZOOM = 0.03
SLIDE = 0.75
SHEAR = 0.08
BEND = 0.8
CURVE = 0.25
COLOUR = 0.03
NOISE = 0.02
BLOCKS = 0.25


class EffectClassifier:
    """Decides which techniques explain how the draws of probe images differ.

    Parameters
    ----------
    draws
        Draws probe images.
    geometry
        Where the pixels of the draws come from.
    colour : (n, channels, h, w)
        The draws of the coloured probe image.
    full
        The amplitude of waves that are not attenuated.
    """

    def __init__(
        self, draws: RepeatedDraws, geometry: Geometry, colour: Array, full: float
    ) -> None:
        self.draws, self.geometry, self.full = draws, geometry, full
        self.unit = full / AMPLITUDE
        self.known = geometry.known
        self.count = len(self.known)
        self.seen: dict[str, Array] = {}
        self.texts: dict[str, str] = {}
        self._colours(colour)
        self._decompose()

    def effects(self) -> list[Effect]:
        """Return the effects found, the most frequent first."""
        if self.known.sum() == 0:
            return []
        self._sharpness()
        self._moves()
        self._holes()
        self._bundle()
        found = [
            Effect(kind, float(draws.mean()), self.texts[kind].format(share=_share(draws)))
            for kind, draws in self.seen.items()
            if draws.any()
        ]
        return sorted(found, key=lambda effect: -effect.share)

    def _mark(self, kind: str, draws: Array, text: str) -> None:
        if draws.any():
            self.seen[kind] = draws
            self.texts[kind] = text

    def _decompose(self) -> None:
        jacobian = self.geometry.jacobian.copy()
        determinant = np.linalg.det(np.nan_to_num(jacobian))
        self.mirrored = self.known & (determinant < 0)
        across = jacobian @ np.diag([1.0, -1.0])
        down = jacobian @ np.diag([-1.0, 1.0])
        angles = np.stack([_angle(across), _angle(down)])
        better = np.abs(angles).argmin(0)
        for k in np.flatnonzero(self.mirrored):
            jacobian[k] = (across, down)[better[k]][k]
        self.upside_down = self.mirrored & (better == 1)
        self.upright = jacobian
        self.scale = np.sqrt(np.abs(determinant))
        self.scale[~self.known] = np.nan
        self.angle = _angle(jacobian)
        bent = np.nan_to_num(self.geometry.bent, nan=9.0)
        curved = np.nan_to_num(self.geometry.curved, nan=9.0)
        base = np.nanmedian(self.scale) if self.known.any() else 1.0
        self.blocks = (
            self.known
            & (self.geometry.blocky > BLOCKS)
            & (np.abs(self.scale / base - 1) < 2 * ZOOM)
            & (np.abs(self.angle) < TURN)
        )
        limit = BEND * max(1.0, float(base))
        # Noise shifts the phase of each pixel by itself: that is no bending.
        even = (bent < limit) | self.grainy
        self.straight = self.known & (self.blocks | (even & (curved < CURVE * limit)))

    def _colours(self, colour: Array) -> None:
        trusted = self.geometry.signal & self.geometry.inside
        means = np.full((self.count, colour.shape[1]), np.nan)
        noise = np.zeros(self.count)
        for k in np.flatnonzero(trusted.sum((1, 2)) >= 16):
            means[k] = colour[k][:, trusted[k]].mean(1)
            noise[k] = _grain(colour[k], trusted[k])
        if np.isnan(means).all():
            self.recoloured = self.grainy = np.zeros(self.count, bool)
            return
        middle = np.nanmedian(means, axis=0)
        away = np.nan_to_num(np.abs(means - middle).max(1)) / self.unit
        self.recoloured = away > COLOUR
        self._mark("colour-jitter", self.recoloured, "colours or brightness change in {share}")
        self.grainy = noise / self.unit > NOISE
        self._mark("noise", self.grainy, "random grain is added to the pixels in {share}")

    def _moves(self) -> None:
        known, scale = self.known, self.scale
        straight = self.straight
        base = float(np.nanmedian(scale))
        size = np.array(self.geometry.source)
        centre = self.geometry.centre.copy()
        # Inverted brightness shifts both phases by half a turn, which is no movement.
        half = np.all(np.abs(np.abs(centre) - size / 2) < 1.5, axis=1) & self.recoloured
        centre[half] = np.nan
        offset = np.nan_to_num(self.upright[:, 0, 1] + self.upright[:, 1, 0]) / scale
        skew = np.abs(offset - np.nanmedian(offset))
        sheared = straight & (skew > SHEAR)
        angle = np.angle(np.exp(1j * (self.angle - _middle_angle(self.angle[known]))))
        turned = straight & (np.abs(angle) > TURN) & (self._both_ways() | ~sheared)
        if turned.sum() < 0.25 * sheared.sum():
            turned[:] = False
        self._bent(straight, turned | sheared)
        self._mark(
            "rotation",
            turned,
            f"images are turned by up to {np.rad2deg(np.abs(angle[turned]).max(initial=0)):.0f}°"
            " in {share}",
        )
        if self.mirrored.any():
            plain = np.abs(self.angle) < TURN
            if not self.mirrored.all() or plain.all():
                way = (
                    "upside down"
                    if self.upside_down.sum() * 2 > self.mirrored.sum()
                    else ("left to right")
                )
                self._mark("flip", self.mirrored, f"images are mirrored {way} in {{share}}")
        ratio = np.nan_to_num(scale / base, nan=1.0)
        columns = np.linalg.norm(np.nan_to_num(self.upright), axis=1)
        aspect = columns / np.median(columns[known], axis=0)
        stretched = ~sheared & ~turned & (np.abs(aspect - 1).max(1) > ZOOM)
        zoomed = straight & ((np.abs(ratio - 1) > ZOOM) | stretched) & ~self.softened
        if self.scaled.any():
            self._mark("resampling", self.scaled, "images are scaled down and up again in {share}")
        if zoomed.any():
            low, high = 1 / ratio[zoomed].max(), 1 / ratio[zoomed].min()
            self._mark(
                "resampling",
                zoomed,
                f"images are enlarged {low:.2f} to {high:.2f} times in {{share}}",
            )
        self._slides(centre, base, straight & ~half, zoomed)
        self._mark("shear", sheared, "images are slanted in {share}")
        if "warp" in self.seen:
            # Slightly bent draws look rotated, sheared or enlarged: that is the same effect. A few
            # bent draws among many rotated or enlarged ones are poor fits.
            others = ("rotation", "shear", "resampling", "shift")
            if self.seen["warp"].sum() < 0.25 * max(
                (self.seen[kind].sum() for kind in others if kind in self.seen), default=0
            ):
                del self.seen["warp"]
                return
            for kind in others:
                if self.seen.get(kind, self.mirrored[:0]).sum() < self.seen["warp"].sum():
                    self.seen.pop(kind, None)

    def _bent(self, straight: Array, other: Array) -> None:
        # Noise makes fits poor, which proves no bending.
        bent = self.known & ~straight & ~self.recoloured & ~self.softened & ~self.grainy
        if bent.sum() * 20 >= (self.known & ~other).sum():
            self._mark("warp", bent, "images are bent (perspective or elastic) in {share}")

    def _both_ways(self) -> Array:
        """Return the draws with off-diagonal terms of opposite sign: rotated, not only sheared."""
        a, b = self.upright[:, 0, 1], self.upright[:, 1, 0]
        small = np.minimum(np.abs(np.nan_to_num(a)), np.abs(np.nan_to_num(b)))
        result: Array = (np.nan_to_num(a * b) < 0) & (small / self.scale > np.sin(3 * TURN))
        return result

    def _slides(self, centre: Array, base: float, straight: Array, zoomed: Array) -> None:
        middle = np.nanmedian(centre, axis=0)
        away = np.nan_to_num(centre - middle)
        distance = np.abs(away).max(1)
        slid = straight & ~zoomed & (distance > SLIDE * max(base, 1.0))
        if zoomed.mean() > 0.4:
            slid[:] = False
        if zoomed.any():
            # A crop lies within its source; one that exceeds it on one side was also shifted.
            h, w = self.geometry.signal.shape[1:]
            reach = np.abs(np.nan_to_num(self.upright)) @ (np.array([h, w]) / 2)
            room = reach - np.array(self.geometry.source) / 2
            outside = np.abs(away) + np.minimum(room, 0)
            slid |= straight & zoomed & ((outside > 2) & (np.abs(away) > 2)).any(1)
        most = distance[slid].max(initial=0)
        self._mark("shift", slid, f"images are moved by up to {most:.0f} pixels in {{share}}")

    def _holes(self) -> None:
        hole = self.geometry.hole & self.straight[:, None, None]
        if not hole.any():
            return
        often = hole[self.known].mean(0)
        moving = hole & (often < 0.9)[None]
        core = eroded(moving)
        h, w = hole.shape[1:]
        solid = (core.sum((1, 2)) >= 1) & (moving.sum((1, 2)) >= max(6, 0.004 * h * w))
        share = moving[solid].mean() if solid.any() else 0.0
        self._mark(
            "cutout", solid, f"patches are blotted out ({share:.0%} of an image) in {{share}}"
        )
        specks = ~solid & (moving.sum((1, 2)) >= max(4, 0.01 * h * w))
        if specks.any() and not self.seen.keys() & {"noise", "cutout"}:
            self._mark("noise", specks, "single pixels are replaced in {share}")

    def _bundle(self) -> None:
        """Merge many effects that rarely occur in the same draw into one: a random policy."""
        kinds = [k for k in ("rotation", "shear", "shift", "colour-jitter") if k in self.seen]
        if "rotation" not in kinds or "shear" not in kinds or len(kinds) < 3:
            return
        turned, sheared = self.seen["rotation"], self.seen["shear"]
        if (turned & sheared).mean() > 0.5 * min(turned.mean(), sheared.mean()):
            return
        for kind in kinds:
            del self.seen[kind]
        draws = np.ones(self.count, bool)
        self._mark("rand-augment", draws, "each image gets a few of many operations, at random")

    def _sharpness(self) -> None:
        base = float(np.nanmedian(self.scale))
        angle = np.abs(self.angle)
        turning = self.known & (angle > TURN)
        still = (angle < (TURN / 15 if turning.mean() > 0.2 else TURN)) & ~self.recoloured
        look = Sharpness(self.draws, self.geometry, self.full, self.scale, base, self.straight)
        blurred, scaled = look.blurred_and_scaled(self.straight & ~self.blocks, still)
        self.scaled = scaled | (self.blocks & ~self.recoloured)
        if self.grainy.mean() > 0.5 and (blurred | self.scaled).mean() < 0.1:
            # Noise in nearly every draw also makes a few of them look soft.
            blurred, self.scaled = np.zeros_like(blurred), np.zeros_like(self.scaled)
        self.softened = blurred | self.scaled
        if base <= SAME_SIZE or not blurred.all():  # a smaller size is no blur
            self._mark("blur", blurred, "images are blurred in {share}")


def _angle(jacobian: Array) -> Array:
    j = np.nan_to_num(jacobian)
    angle: Array = np.arctan2(j[:, 1, 0] - j[:, 0, 1], j[:, 0, 0] + j[:, 1, 1])
    return angle


def _middle_angle(angles: Array) -> float:
    """Return the median angle; zero where any draw is near zero."""
    if len(angles) == 0 or (np.abs(angles) < TURN).any():
        return 0.0
    return float(np.angle(np.median(np.cos(angles)) + 1j * np.median(np.sin(angles))))


def _grain(image: Array, trusted: Array) -> float:
    core = eroded(trusted[None])[0]
    if core.sum() < 16:
        return 0.0
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    rough = (image - around / 4)[:, core]
    return float(1.4826 * np.median(np.abs(rough)))


def _share(draws: Array) -> str:
    return "every draw" if draws.all() else f"{draws.sum()} of {len(draws)} draws"
