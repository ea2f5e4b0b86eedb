"""Pictures of more than 8 bits in a channel, which are shown in 8."""

from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import BITSPERSAMPLE

from jupyter_classgame.data.images.broken_image import BrokenImageError

SIXTEEN = 16
DARK = 3
"""Unused bits that make a picture almost black: its brightest value is an eighth of white."""


def stored_bits(image: Image.Image) -> int:
    """Return the bits in a channel of a picture that is opened and not yet loaded.

    Raises
    ------
    BrokenImageError
        The pixels are floating-point numbers, whose range nothing tells.
    """
    if image.mode == "F":
        raise BrokenImageError("floating-point pixels, save it as 8-bit PNG or JPEG")
    if image.format == "TIFF":
        tags: Any = getattr(image, "tag_v2", {})
        return min(SIXTEEN, int(max(tags.get(BITSPERSAMPLE, (1,)))))
    # Pillow tells a PNG's depth by how it unpacks the pixels, as in "RGB;16B".
    tiles: Any = getattr(image, "tile", None) or [("", None, 0, "")]
    if image.mode.startswith("I") or (image.format == "PNG" and ";16" in str(tiles[0][3])):
        return SIXTEEN
    return 8


def eight_bits(image: Image.Image, bits: int) -> Image.Image:
    """Bring a grey picture of more than 8 bits, of mode I or I;16, to mode L.

    Raises
    ------
    BrokenImageError
        It has values outside of its ``bits``, or would be almost black.
    """
    values = np.asarray(image)
    white = (1 << max(bits, 8)) - 1
    lowest, highest = int(values.min()), int(values.max())
    if lowest < 0 or highest > white:
        raise BrokenImageError(
            f"values from {lowest:,} to {highest:,}, outside of 0 to {white:,}: "
            "scale them, or save it as 8-bit PNG or JPEG"
        )
    if highest:
        _refuse_dark(highest.bit_length(), bits)
    return Image.fromarray(np.rint(values / (white / 255)).astype(np.uint8))


def refuse_dark_colours(image: Image.Image, bits: int) -> None:
    """Refuse an RGB picture of more than 8 bits of which the upper 8 hold almost nothing."""
    highest = max(high for _, high in image.getextrema())  # type: ignore[misc]
    _refuse_dark(bits - 8 + int(highest).bit_length(), bits)


def _refuse_dark(used: int, bits: int) -> None:
    if used <= bits - DARK:
        raise BrokenImageError(
            f"uses {used} of its {bits} bits and would be almost black: "
            "scale its values up, or save it as 8-bit PNG or JPEG"
        )
