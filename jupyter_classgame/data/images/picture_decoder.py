"""Decoding of a picture file to RGB pixels at the game's size."""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Pixels = NDArray[np.uint8]
Size = tuple[int, int]

JPEG_END = b"\xff\xd9"
SIXTEEN_BIT = 65535

MAX_PIXELS = 178_956_970
"""Pixels of the largest picture that is decoded: Pillow's own usual limit for an error."""

_opening = threading.Lock()


class BrokenImageError(ValueError):
    """A picture cannot be read; the message is the reason, without the picture's name."""


def decode(content: bytes, size: Size) -> Pixels:
    """Decode a picture file and resize it.

    Grey, palette, CMYK and 16-bit pictures are converted to RGB, transparent pixels are laid over
    white, and the EXIF orientation is applied. Resizing is bicubic with antialiasing and does not
    keep the aspect ratio.

    Parameters
    ----------
    content
        The whole file, of any format that Pillow reads; the first frame of an animation.
    size
        (height, width) in pixels.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    BrokenImageError
        The bytes are not a complete picture.
    """
    with _opened(content) as image:
        # JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the cost; at twice the target size or
        # more, the resize below still does the antialiasing.
        image.draft(None, (2 * max(size), 2 * max(size)))
        image.load()
        return resize(_rgb(_upright(image)), size)


def verify(content: bytes) -> None:
    """Check that a picture file is of a known format and has its end, without decoding it.

    Raises
    ------
    BrokenImageError
        It is not. A picture that passes may still fail to decode.
    """
    with _opened(content) as image:
        if image.format == "JPEG" and JPEG_END not in content[len(content) // 2 :]:
            raise BrokenImageError("truncated")
        image.verify()


def resize(image: Image.Image, size: Size) -> Pixels:
    """Resize an RGB image to ``size`` (height, width): uint8, shape (height, width, 3)."""
    height, width = size
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(image)


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    if not content:
        raise BrokenImageError("empty file")
    try:
        with _open(content) as image:
            yield image
    except BrokenImageError:
        raise
    except Exception as error:  # Pillow raises errors of almost any class for a broken file
        raise BrokenImageError(_why(error)) from error


def _open(content: bytes) -> Image.Image:
    """Read a picture's header, with this module's limit: Pillow's is what any code has set."""
    with _opening:
        theirs, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            image = Image.open(BytesIO(content))
        finally:
            Image.MAX_IMAGE_PIXELS = theirs
    if image.width * image.height > MAX_PIXELS:
        raise BrokenImageError(f"more than {MAX_PIXELS:,} pixels")
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, TypeError, KeyError, SyntaxError, struct.error):
        return image  # unreadable EXIF says nothing about the orientation


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F":
        raise BrokenImageError("floating-point pixels, save it as 8-bit PNG or JPEG")
    if image.mode.startswith("I"):
        values = np.asarray(image, dtype=np.float64).clip(0, SIXTEEN_BIT)
        return Image.fromarray(np.rint(values / 257).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _why(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    return " ".join(str(error).split()) or type(error).__name__
