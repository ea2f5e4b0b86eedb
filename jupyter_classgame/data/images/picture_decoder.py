"""Decoding of a picture file to RGB pixels at the game's size."""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from jupyter_classgame.data.images.broken_image import BrokenImageError
from jupyter_classgame.data.images.file_kind import has_too_many_channels, kind_of
from jupyter_classgame.data.images.pixel_depth import eight_bits, refuse_dark_colours, stored_bits

Pixels = NDArray[np.uint8]
Size = tuple[int, int]

JPEG_END = b"\xff\xd9"
EIGHT = 8

MAX_PIXELS = 178_956_970
"""Pixels of the largest picture that is decoded: Pillow's own usual limit for an error."""

_opening = threading.Lock()


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
        The bytes are not a complete picture, or one that 8 bits would show almost black.
    """
    with _opened(content) as image:
        bits = stored_bits(image)
        # JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the cost; at twice the target size or
        # more, the resize below still does the antialiasing.
        image.draft(None, (2 * max(size), 2 * max(size)))
        image.load()
        return resize(_rgb(_upright(image), bits), size)


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
        if (bits := stored_bits(image)) > EIGHT:
            _rgb(image, bits)  # only the pixels tell whether 8 bits can show them
        else:
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
    if has_too_many_channels(content):
        raise BrokenImageError(kind_of(content))
    try:
        with _open(content) as image:
            yield image
    except BrokenImageError:
        raise
    except Exception as error:  # Pillow raises errors of almost any class for a broken file
        raise BrokenImageError(_why(error, content)) from error


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


def _rgb(image: Image.Image, bits: int) -> Image.Image:
    if image.mode.startswith("I"):
        return eight_bits(image, bits).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image if image.mode == "RGB" else image.convert("RGB")
    if bits > EIGHT:
        refuse_dark_colours(image, bits)
    return image


def _why(error: Exception, content: bytes) -> str:
    if isinstance(error, UnidentifiedImageError):
        return kind_of(content)
    return " ".join(str(error).split()) or type(error).__name__
