"""What a file is that is named as a picture and cannot be read as one."""

import re
from io import BytesIO

from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    MAX_SAMPLESPERPIXEL,
    SAMPLESPERPIXEL,
    ImageFileDirectory_v2,
)

UNKNOWN = "not an image"
"""What is said of a file of no known kind."""

BRANDS = {
    "HEIC": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    "AVIF": (b"avif", b"avis"),
    "RAW": (b"crx ",),
}
"""By kind: the brands in the header of files of ISO/IEC 14496-12."""

MAGIC = (
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "JPEG XL"),
    (rb"FUJIFILM|II[RU]|MMOR", "RAW"),
    (rb"[\s\S]{128}DICM", "DICOM"),
    (rb"\x93NUMPY", "NumPy"),
    (rb"%PDF", "PDF"),
    (rb"(?i)\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg", "SVG"),
)
"""Patterns of the beginnings of files that hold pictures, and the kind."""

OTHERS = (
    (rb"(?i)\s*<(!doctype html|html|head|body)", "a web page, not an image: download it again"),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the image: run git lfs pull"),
    (rb"PK\x03\x04|Rar!|\x1f\x8b|7z\xbc\xaf", "an archive, not an image: unpack it"),
)

TIFF = re.compile(rb"II[*+]\0|MM\0[*+]")


def kind_of(content: bytes) -> str:
    """Say what the content of a file is, if it is not a picture that is read, and what to do."""
    if TIFF.match(content):
        return _tiff(content)
    if content[4:8] == b"ftyp":
        return _boxes(content[8:12])
    for pattern, kind in MAGIC:
        if re.match(pattern, content[:4096]):
            return unread(kind)
    for pattern, what in OTHERS:
        if re.match(pattern, content[:4096]):
            return what
    return UNKNOWN


def unread(kind: str) -> str:
    """Say that pictures of a kind are not read, and what to do."""
    return f"{kind}, a kind that is not read: save it as JPEG or PNG"


def has_too_many_channels(content: bytes) -> bool:
    """Return whether a TIFF has more channels than Pillow opens, which would print of them."""
    return bool(TIFF.match(content)) and _channels(content)[0] > MAX_SAMPLESPERPIXEL


def _boxes(brand: bytes) -> str:
    for kind, brands in BRANDS.items():
        if brand in brands:
            return unread(kind)
    return "a video, not an image"


def _tiff(content: bytes) -> str:
    channels, bits = _channels(content)
    if not channels:
        return "a TIFF with a damaged header"
    plural = "s" if channels > 1 else ""
    what = f"a TIFF of {channels} channel{plural} with {bits} bits in each"
    return f"{what}, a kind that is not read: save it as RGB with 8 bits"


def _channels(content: bytes) -> tuple[int, int]:
    """Return a TIFF's channels and the bits in each; zeros for a header that is damaged."""
    try:
        tags = ImageFileDirectory_v2(content[: 16 if b"+" in content[2:4] else 8])
        file = BytesIO(content)
        file.seek(tags.next)
        tags.load(file)
        return int(tags.get(SAMPLESPERPIXEL, 1)), int(max(tags.get(BITSPERSAMPLE, (1,))))
    except Exception:  # noqa: BLE001 - the parser raises errors of almost any class
        return 0, 0
