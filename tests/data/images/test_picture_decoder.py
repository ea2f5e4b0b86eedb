import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from jupyter_classgame.data.images import picture_decoder
from jupyter_classgame.data.images.picture_decoder import BrokenImageError, decode, verify

RED, WHITE = (255, 0, 0), (255, 255, 255)


def encoded(image, kind="PNG", **options):
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def near(pixels, colour, tolerance=3):
    return bool((np.abs(pixels.astype(int) - np.array(colour)) <= tolerance).all())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM"])
def test_formats(kind):
    pixels = decode(encoded(Image.new("RGB", (30, 20), RED), kind), (8, 9))
    assert pixels.shape == (8, 9, 3)
    assert pixels.dtype == np.uint8
    assert near(pixels, RED)


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (Image.new("L", (9, 9), 77), "PNG", (77, 77, 77)),
        (Image.new("1", (9, 9), 1), "PNG", WHITE),
        (Image.new("RGB", (9, 9), RED).quantize(4), "PNG", RED),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 0)), "PNG", WHITE),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 255)), "PNG", RED),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 128)), "WEBP", (255, 127, 127)),
        (Image.new("LA", (9, 9), (0, 0)), "PNG", WHITE),
        (Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "JPEG", RED),
        (Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "TIFF", RED),
        (Image.fromarray(np.full((9, 9), 65535, np.uint16)), "PNG", WHITE),
        (Image.fromarray(np.full((9, 9), 128 * 257, np.uint16)), "PNG", (128, 128, 128)),
        (Image.fromarray(np.full((9, 9), 128 * 257, np.uint16)), "TIFF", (128, 128, 128)),
        (Image.fromarray(np.full((9, 9), 128 * 257, np.int32)), "TIFF", (128, 128, 128)),
    ],
)
def test_modes(image, kind, expected):
    pixels = decode(encoded(image, kind), (8, 8))
    assert pixels.shape == (8, 8, 3)
    assert near(pixels, expected)


def test_a_palette_colour_can_be_transparent():
    image = Image.new("P", (9, 9), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert near(decode(encoded(image), (8, 8)), RED)
    assert near(decode(encoded(image, transparency=1), (8, 8)), WHITE)


def test_the_camera_orientation_is_applied():
    image = Image.new("RGB", (40, 20), WHITE)
    image.paste(RED, (0, 0, 20, 20))  # the left half
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: left is up
    pixels = decode(encoded(image, "JPEG", exif=exif, quality=95), (16, 16))
    assert near(pixels[:6], RED, 12)
    assert near(pixels[10:], WHITE, 12)


def test_broken_exif_is_no_broken_picture():
    content = encoded(Image.new("RGB", (9, 9), RED), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert near(decode(content, (8, 8)), RED)


def test_resizing_takes_every_pixel_into_account():
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    for kind in ("PNG", "JPEG"):
        pixels = decode(encoded(Image.fromarray(stripes), kind), (16, 16))
        assert near(pixels[2:-2, 2:-2], (127, 127, 127), 6)


def test_a_picture_of_the_right_size_is_left_as_it_is():
    noise = np.random.default_rng(0).integers(0, 256, (16, 12, 3), np.uint8)
    assert (decode(encoded(Image.fromarray(noise)), (16, 12)) == noise).all()


def test_an_animation_counts_with_its_first_frame():
    frames = [Image.new("RGB", (9, 9), colour) for colour in (RED, WHITE)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert near(decode(content, (8, 8)), RED)


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))


@pytest.mark.parametrize("look", [verify, lambda content: decode(content, (8, 8))])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"hello", "not an image"),
        (encoded(NOISE, "JPEG")[:2000], "truncated"),
        (encoded(NOISE, "PNG")[:2000], "(?i)truncated"),
        (encoded(NOISE, "PNG")[:5000] + b"x" + encoded(NOISE, "PNG")[5001:], "(?i)broken|checksum"),
    ],
)
def test_broken_pictures(look, content, reason):
    with pytest.raises(BrokenImageError, match=reason) as caught:
        look(content)
    assert "\n" not in str(caught.value)


def test_too_many_pixels_are_refused(monkeypatch):
    content = encoded(Image.new("RGB", (100, 100)))
    monkeypatch.setattr(picture_decoder, "MAX_PIXELS", 2000)
    for look in (verify, lambda content: decode(content, (8, 8))):
        with pytest.raises(BrokenImageError, match="more than 2,000 pixels"):
            look(content)


def test_what_cannot_be_shown_is_refused():
    floats = Image.fromarray(np.zeros((9, 9), np.float32))
    with pytest.raises(BrokenImageError, match="floating-point"):
        decode(encoded(floats, "TIFF"), (8, 8))


def deep_png(value, channels):
    """A PNG of 16 bits in each channel, which Pillow does not write in colour."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    rows = (b"\0" + struct.pack(">H", value) * 9 * channels) * 9
    kind = {1: 0, 3: 2}[channels]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 16, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(channels, bits, value):
    """A TIFF of any number of channels, or of bits in one."""
    data = bytes([value]) * (9 * (9 * channels * bits // 8 + 1))
    tags = [(256, 9), (257, 9), (258, bits), (259, 1), (262, 1), (273, 200), (277, channels),
            (278, 9), (279, len(data))]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, number) for tag, number in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return head.ljust(200, b"\0") + data


WHOLE = [verify, lambda content: decode(content, (8, 8))]


@pytest.mark.parametrize("look", WHOLE)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (deep_png(1023, 1), "uses 10 of its 16 bits and would be almost black: scale .* 8-bit PNG"),
        (deep_png(4095, 1), "uses 12 of its 16 bits"),
        (deep_png(1023, 3), "uses 10 of its 16 bits"),
        (deep_png(255, 3), "uses 8 of its 16 bits"),
        (encoded(Image.fromarray(np.full((9, 9), 200, np.int32)), "TIFF"), "uses 8 of its 16 bits"),
        (encoded(Image.fromarray(np.full((9, 9), 9**9, np.int32)), "TIFF"), "outside of 0 to 65,5"),
        (encoded(Image.fromarray(np.full((9, 9), -9, np.int32)), "TIFF"), "values from -9 to -9, "),
        (encoded(Image.fromarray(np.zeros((9, 9), np.float32)), "TIFF"), "floating-point"),
        (tiff(13, 16, 1), "TIFF of 13 channels with 16 bits in each, .* not read: save it as RGB"),
        (tiff(5, 16, 1), "TIFF of 5 channels with 16 bits"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "HEIC, a kind that is not read: save it as JPEG"),
        (b"\0\0\0\x18ftypmp42" + bytes(99), "a video"),
        (b"FUJIFILMCCD-RAW " + bytes(99), "RAW, a kind that is not read"),
        (b"\n<!DOCTYPE html><html>404</html>", "a web page, not an image"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    ],
)
def test_why_a_picture_is_not_read_is_said(look, content, reason, capfd):
    with pytest.raises(BrokenImageError, match=reason):
        look(content)
    assert capfd.readouterr() == ("", "")


def test_deep_pictures_that_use_their_bits_are_shown():
    for content, expected in (
        (deep_png(128 * 257, 3), 128),
        (deep_png(0, 1), 0),
        (tiff(1, 12, 0xFF), 255),
        (b"P5 9 9 1023\n" + struct.pack(">H", 512) * 81, 127),
    ):
        verify(content)
        assert near(decode(content, (8, 8)), (expected,) * 3)


def test_a_colour_profile_does_no_harm():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(decode(encoded(Image.new("RGB", (9, 9), RED), icc_profile=profile), (8, 8)), RED)
