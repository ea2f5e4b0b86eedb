"""What reaches a model's first layer, held against the images that the model is given."""

from torch import Tensor

EXACT, COARSE = 1e-3, 2e-2
"""Share of its spread that an image may differ by, in float32 and in less."""

ALL, MANY = 0.9, 0.15
FEWEST = 4


def kept_share(images: Tensor, front: Tensor) -> float | None:
    """Return the share of images that reach the first layer but for scale and shift of channels.

    None where the two cannot be compared: they are of other sizes, or the images are flat.
    """
    if images.ndim < 3 or front.numel() != images.numel() or len(front) != len(images):
        return None
    coarse = front.dtype.itemsize < 4 or images.dtype.itemsize < 4
    given = images.detach().float().flatten(2)
    seen = front.detach().float().reshape(images.shape).flatten(2)
    given = given - given.mean(2, keepdim=True)
    seen = seen - seen.mean(2, keepdim=True)
    power = (given * given).sum(2, keepdim=True)
    flat = power.sum((1, 2)) < 1e-6 * given.shape[2]
    scale = (given * seen).sum(2, keepdim=True) / power.clamp_min(1e-12)
    rest = (seen - scale * given).pow(2).sum((1, 2)).sqrt()
    size = seen.pow(2).sum((1, 2)).sqrt().clamp_min(1e-12)
    kept = (rest / size < (COARSE if coarse else EXACT))[~flat]
    return float(kept.float().mean()) if len(kept) >= FEWEST else None


class FrontWatch:
    """Holds what reaches the first layer of each audited batch against the batches before it.

    Parameters
    ----------
    random
        Whether the model itself may change images in training, as the team owns that.
    steady
        Whether its passes in training were alike before the first step.
    """

    def __init__(self, *, random: bool, steady: bool) -> None:
        self.random, self.steady = random, steady
        self._whole = self._other = self._measured_whole = False

    def trained(self, images: Tensor, front: Tensor | None) -> str:
        """Describe images that are changed in training where they were not before, or others."""
        share = None if front is None or self.random else kept_share(images, front)
        if share is None:
            return ""
        whole = share > 1 - MANY / 10
        if share < MANY and self._measured_whole:
            return self._only_in_training(images)
        if MANY < share < 1 - MANY or (whole and self._other) or (share < MANY and self._whole):
            changed = round((1 - share) * len(images))
            self._whole, self._other = self._whole or whole, False
            if whole:
                return "the images reach the first layer as they are, which they did not before"
            return (
                f"{changed} of {len(images)} images are changed before they reach the first layer"
            )
        self._whole = self._whole or whole
        self._other = self._other or share < MANY
        return ""

    def measured(self, images: Tensor, front: Tensor | None) -> str:
        """Describe images that are changed in validation where they are not in training."""
        if front is None or self.random:
            return ""
        if self._whole and front.numel() != images.numel() and len(front) > len(images):
            return f"the first layer is given {len(front)} images for {len(images)} of val_loader"
        share = kept_share(images, front)
        if share is None:
            return ""
        if share > ALL:
            self._measured_whole = self.steady
            return self._only_in_training(images) if self.steady and self._other else ""
        if not self._whole:
            return ""
        changed = round((1 - share) * len(images))
        return f"{changed} of {len(images)} validation images are changed before the first layer"

    def _only_in_training(self, images: Tensor) -> str:
        return (
            f"in training {len(images)} of {len(images)} images are changed before they reach the "
            "first layer, and in validation none"
        )
