"""Example pictures in an item's details: training images before and after its recipe."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.cards.sample_images import data_uri, rendering

if TYPE_CHECKING:
    from jupyter_classgame.data.images.picture_decoder import Pixels
    from jupyter_classgame.session.images.recipe_examples import Examples

PENDING = '<div class="cg-pictures cg-quiet" role="status">The recipe is being tried …</div>'
"""Shown until the pictures are ready."""


def examples_html(examples: "Examples", item: str) -> str:
    """Lay out images in two rows, before and after an item."""
    rows = [
        _row("before", examples.before, examples.labels, "training image"),
        _row("after", examples.after, examples.labels, f"after {item}"),
    ]
    return f'<div class="cg-pictures">{"".join(rows)}</div>'


def _row(title: str, images: "Sequence[Pixels]", labels: "Sequence[str]", what: str) -> str:
    pictures = "".join(
        f'<img alt="{markup.text(f"{what}, class {label}")}" title="{markup.text(label)}" '
        f'src="{data_uri(image)}" style="image-rendering:{rendering(image)}">'
        for image, label in zip(images, labels, strict=True)
    )
    return f'<div class="cg-pictures-row"><span class="cg-quiet">{title}</span>{pictures}</div>'
