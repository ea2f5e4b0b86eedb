"""Draw matplotlib figures with the object API and export them as SVG in HTML and as PNG.

pyplot is not used; a user's matplotlib settings neither affect the figures nor are changed.
"""

import re
import threading
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from matplotlib import rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.markup import text
from jupyter_classgame.widgets.page_states import FIGURE, FIGURE_STYLE

Bundle = dict[str, str]
"""MIME type to content, as IPython displays it."""

PNG_DPI = 100

_NO_STYLE = {"backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.address"}
"""Settings that are no matter of how a figure looks; reading the first may choose a backend."""

_NOISE = re.compile(r"<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|\n\s*", re.DOTALL)
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r"(?<=#)[\w.-]+(?=[\")])")
_SCALE_OR_DIGITS = re.compile(r"(scale\([^)]*\))|(\.\d\d)\d+")
_SPACE = re.compile(r"(?<=[MLQCz:;]) (?=[-\w#])")


_one_at_a_time = threading.Lock()


@contextmanager
def own_style() -> Iterator[None]:
    """Draw by matplotlib's defaults; as a decorator, all that a function draws.

    Settings are of the whole process, and a run in the background draws beside the notebook's
    cells: what a cell sets meanwhile stays, which :func:`matplotlib.rc_context` would undo.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of settings that are going to be removed
        usual = dict(rcParamsDefault)
        theirs = {name: rcParams[name] for name in (usual.keys() & rcParams.keys()) - _NO_STYLE}
        theirs = {name: value for name, value in theirs.items() if value != usual[name]}
        rcParams.update({name: usual[name] for name in theirs})
        try:
            yield
        finally:
            rcParams.update(
                {name: value for name, value in theirs.items() if rcParams[name] == usual[name]}
            )


def font(size: float = 9, weight: str = "normal") -> FontProperties:
    """Return the figures' typeface, which ships with matplotlib."""
    return FontProperties(family="DejaVu Sans", size=size, weight=weight)


def new_figure(width: float, height: float) -> Figure:
    """Create a white figure; sizes are in inches."""
    return Figure(figsize=(width, height), dpi=72, facecolor=palette.PAPER, edgecolor="none")


def new_axes(
    figure: Figure,
    box: tuple[float, float, float, float],
    title: str = "",
    *,
    grid: str | None = "y",
) -> Axes:
    """Add plain axes at ``box`` (left, bottom, width, height in inches), every colour set."""
    width, height = figure.get_size_inches()
    left, bottom, across, up = box
    axes = figure.add_axes((left / width, bottom / height, across / width, up / height))
    axes.set_facecolor(palette.PAPER)
    axes.set_axisbelow(True)
    axes.tick_params(colors=palette.MUTED, labelcolor=palette.MUTED, width=0.8, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(palette.EARLIER)
        spine.set_linewidth(0.8)
    axes.ticklabel_format(useMathText=False)
    axes.grid(visible=False)
    if grid in {"x", "y"}:
        axes.grid(visible=True, axis="x" if grid == "x" else "y", color=palette.GRID, linewidth=0.8)
    if title:
        axes.set_title(title, loc="left", fontproperties=font(10, "bold"), color=palette.INK, pad=8)
    return axes


def set_labels(axes: Axes, x: str = "", y: str = "") -> None:
    """Label the axes and set the font of their ticks."""
    axes.set_xlabel(x, fontproperties=font(), color=palette.MUTED)
    axes.set_ylabel(y, fontproperties=font(), color=palette.MUTED)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(8.5))


def svg(figure: Figure) -> str:
    """Draw a figure as compact SVG; the same figure gives the same text every time."""
    buffer = BytesIO()
    canvas: Any = FigureCanvasSVG(figure)
    with _as_written(figure):
        canvas.print_svg(buffer, metadata={"Date": None})
    return _compact(buffer.getvalue().decode())


def _compact(drawn: str) -> str:
    """Halve the length of an SVG, and number its ids in order: matplotlib makes random ones."""
    drawn = _NOISE.sub("", drawn)
    referred = set(_REFERENCE.findall(drawn))
    named = dict.fromkeys(name for name in _ID.findall(drawn) if name in referred)
    short = {name: f"i{number:x}" for number, name in enumerate(named)}
    drawn = _ID.sub(lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", drawn)
    drawn = _REFERENCE.sub(lambda found: short.get(found[0], found[0]), drawn)
    drawn = _SCALE_OR_DIGITS.sub(lambda found: found[1] or found[2], drawn)
    return _SPACE.sub("", drawn)


def png(figure: Figure) -> bytes:
    """Draw a figure as PNG at ``PNG_DPI``."""
    buffer = BytesIO()
    figure.set_dpi(PNG_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    with _as_written(figure):
        canvas.print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def _as_written(figure: Figure) -> Iterator[None]:
    """Draw text literally: dollar signs make no formula, missing glyphs no warning."""
    for each in figure.findobj(Text):
        each.set(parse_math=False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def bundle(figure: Figure, alt: str, caption: str) -> Bundle:
    """Export a figure as a MIME bundle.

    Parameters
    ----------
    figure
        What to draw.
    alt
        What it shows, in words; it is also the plain text.
    caption
        How to get more: one line below the picture.

    Returns
    -------
    Bundle
        ``text/html`` with an ``<img>`` of SVG, which even an untrusted notebook shows,
        ``image/png`` and ``text/plain``.
    """
    return {
        "text/html": figure_html(figure, alt, caption),
        "image/png": b64encode(png(figure)).decode("ascii"),
        "text/plain": f"{alt}\n{caption}",
    }


def figure_html(figure: Figure, alt: str, caption: str) -> str:
    """Export a figure as an HTML card: white, or dark in a dark theme."""
    source = b64encode(svg(figure).encode()).decode("ascii")
    width = round(float(figure.get_size_inches()[0]) * 96)
    return (
        f'{FIGURE_STYLE}<figure class="{FIGURE}" style="display:inline-block;margin:2px 0;'
        "padding:10px 12px;max-width:100%;"
        f"box-sizing:border-box;background:{palette.PAPER};border:1px solid #d0d7de;"
        f'border-radius:8px;color:{palette.MUTED};font-family:{palette.FONT_CSS}">'
        f'<img alt="{text(alt)}" src="data:image/svg+xml;base64,{source}" '
        f'style="display:block;width:{width}px;max-width:100%;height:auto">'
        f'<figcaption style="font-size:11px;margin-top:6px;color:{palette.MUTED}">'
        f"{text(caption)}</figcaption></figure>"
    )


def in_hand(html: str, place: str) -> str:
    """Have a click on a figure's card open its live chart, where the labextension is.

    Parameters
    ----------
    html
        The card, as HTML.
    place
        The display id of its output, by which the kernel knows what it shows.
    """
    about = f'data-classgame-place="{text(place)}" tabindex="0"'
    return html.replace("<figure ", f"<figure {about} ", 1)


def legend(figure: Figure, handles: list[Any], *, inset: float = 0.1) -> None:
    """Put one legend above all axes."""
    width = figure.get_size_inches()[0]
    box = figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(inset / width, 1.0),
        ncols=len(handles),
        frameon=False,
        prop=font(),
        labelcolor=palette.INK,
        handlelength=1.6,
        columnspacing=1.8,
        borderaxespad=0.2,
    )
    box.set_zorder(5)
