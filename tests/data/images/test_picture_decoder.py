import warnings
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


def test_a_colour_profile_does_no_harm():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(decode(encoded(Image.new("RGB", (9, 9), RED), icc_profile=profile), (8, 8)), RED)
