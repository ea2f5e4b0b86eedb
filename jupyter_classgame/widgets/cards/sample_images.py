"""A sheet of labelled images as HTML, each with its label below."""

from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

from jupyter_classgame.widgets import markup, palette

if TYPE_CHECKING:
    from jupyter_classgame.data.labelled_samples import SampleSheet

MAX_SIDE = 96
"""Longest side of an image as stored in the notebook, in pixels."""

SHOWN_SIDE = 80
"""Width as shown, in CSS pixels; a small image is enlarged without smoothing."""


def sheet_html(sheet: "SampleSheet") -> str:
    """Lay out a sheet's images in a grid, each described by its label; a class begins a row."""
    pictures = [
        '<figure style="margin:0;text-align:center">'
        f'<img alt="{markup.text(f"sample of class {label}")}" src="{data_uri(image)}" '
        f'style="width:{SHOWN_SIDE}px;height:auto;display:block;margin:0 auto;border-radius:4px;'
        f'image-rendering:{rendering(image)}">'
        f'<figcaption style="font-size:11px;margin-top:3px;max-width:{SHOWN_SIDE + 10}px;'
        f'overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:{palette.MUTED_CSS}" '
        f'title="{markup.text(label)}">{markup.text(label)}</figcaption></figure>'
        for image, label in zip(sheet.images, sheet.labels, strict=True)
    ]
    grid = "".join(
        '<div style="display:flex;flex-wrap:wrap;gap:10px 8px;max-width:920px;margin-bottom:10px">'
        f"{''.join(pictures[place] for place in group)}</div>"
        for group in sheet.groups
    )
    return markup.card(grid, sheet.title, f"{len(sheet.classes)} classes")


def sheet_text(sheet: "SampleSheet") -> str:
    """Summarise a sheet in plain text."""
    return f"{sheet.title}: {len(sheet.images)} images of {', '.join(map(str, sheet.classes))}"


def data_uri(image: Any) -> str:
    """Encode a uint8 image (H, W, 3) as a PNG data URI, no side longer than ``MAX_SIDE``."""
    from PIL import Image  # noqa: PLC0415  (the first picture loads it)

    picture = Image.fromarray(image)
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    buffer = BytesIO()
    picture.save(buffer, format="PNG")
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode("ascii")


def rendering(image: Any) -> str:
    """Return the CSS ``image-rendering`` of an image: small ones are not smoothed."""
    return "pixelated" if max(image.shape[:2]) < SHOWN_SIDE // 2 + 1 else "auto"
