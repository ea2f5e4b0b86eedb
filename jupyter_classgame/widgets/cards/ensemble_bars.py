"""An ensemble compared with its members: table and live bars, with their static twin."""

from typing import TYPE_CHECKING

from jupyter_classgame.training.wording import score_text
from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cards.figure_limits import INSIDE
from jupyter_classgame.widgets.short_names import fitted

if TYPE_CHECKING:
    import ipywidgets as w

    from jupyter_classgame.evaluation.model_ensemble import Ensemble
    from jupyter_classgame.widgets.live_with_twin import LiveWithTwin


def ensemble_html(ensemble: "Ensemble") -> str:
    """Format the accuracies of members and ensemble, with the members' weights if weighted."""
    title = f"Ensemble of {len(ensemble.names)}, {ensemble.vote} vote"
    scores, accuracy = ensemble.member_accuracy, ensemble.accuracy
    if scores is None or accuracy is None:
        return markup.card(markup.line("Not scored yet; %evaluate scores it."), title)
    weighted = ensemble.vote == "weighted"
    rows = [
        (markup.text(name), score_text(score), f"{weight:.2f}" if weighted else "")
        for name, score, weight in zip(ensemble.names, scores, ensemble.weights, strict=True)
    ]
    table = markup.table(
        ["member", "accuracy", "weight" if weighted else ""],
        rows,
        caption="Members against the ensemble",
        numeric=[1, 2],
        foot=("ensemble", score_text(accuracy), ""),
    )
    said = f"{accuracy - max(scores):+.4f} on the best member, on {ensemble.n:,} images"
    whose = [f"{n}: {o}" for n, o in zip(ensemble.names, ensemble.origins, strict=False) if o]
    notes = "".join(markup.line(note) for note in [*whose, *ensemble.notes])
    unranked = markup.failure(ensemble.unranked) if ensemble.unranked else ""
    return markup.card(table + markup.line(said) + notes + unranked, title)


def ensemble_view(ensemble: "Ensemble") -> "LiveWithTwin":
    """Make the table and the bars: a live chart with its static twin."""
    from jupyter_classgame.widgets.live_with_twin import LiveWithTwin  # noqa: PLC0415  (ipywidgets)

    html = ensemble_html(ensemble)
    scores, accuracy = ensemble.member_accuracy, ensemble.accuracy
    if scores is None or accuracy is None:
        return LiveWithTwin(None, {"text/html": html, "text/plain": repr(ensemble)})
    from jupyter_classgame.widgets.cards.static_figures import bars  # noqa: PLC0415  (matplotlib)

    twin = bars(ensemble)
    return LiveWithTwin(
        lambda: _bars(ensemble, scores, accuracy),
        {**twin, "text/html": markup.side_by_side(html, twin["text/html"])},
    )


def _bars(ensemble: "Ensemble", scores: list[float], accuracy: float) -> "w.DOMWidget":
    import ipywidgets as w  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from jupyter_classgame.widgets.bqplot_import import bq  # noqa: PLC0415
    from jupyter_classgame.widgets.live_with_twin import beside  # noqa: PLC0415

    names = fitted([*ensemble.names, "ensemble"], 24)
    values = np.array([*scores, accuracy], dtype=np.float32)
    place, share = bq.OrdinalScale(domain=names[::-1]), bq.LinearScale(min=0.0, max=1.0)
    bars = [
        bq.Bars(
            x=np.array(names[part]), y=values[part], scales={"x": place, "y": share},
            orientation="horizontal", colors=[colour], padding=0.3,
        )
        for part, colour in ((slice(-1), palette.TRAIN), (slice(-1, None), palette.BEST))
    ]  # fmt: skip
    inside = values > INSIDE
    labels = [
        bq.Label(
            x=values[which], y=np.array(names)[which],
            text=[score_text([*scores, accuracy][place]) for place in np.flatnonzero(which)],
            scales={"x": share, "y": place}, colors=[colour], x_offset=offset, align=align,
            default_size=12, font_weight="bold", enable_move=False,
        )
        for which, colour, offset, align in (
            (inside, palette.PAPER, -6, "end"), (~inside, palette.LABEL, 6, "start"),
        )
        if which.any()
    ]  # fmt: skip
    axes = [
        bq.Axis(
            scale=place, side="left", grid_lines="none", tick_style={"font-size": "11px"}
        ),
        bq.Axis(
            scale=share, label=f"accuracy on {ensemble.data}", label_color=palette.LABEL,
            num_ticks=6, tick_format=".1f", grid_lines="none", tick_style={"font-size": "11px"},
        ),
    ]  # fmt: skip
    figure = bq.Figure(
        marks=[*bars, *labels],
        axes=axes,
        background_style={"fill": "transparent"},
        fig_margin={
            "top": 8,
            "bottom": 42,
            "left": min(190, 30 + 7 * max(map(len, names))),
            "right": 16,
        },
        padding_x=0.0,
        padding_y=0.0,
        display_toolbar=False,
        layout=w.Layout(width="560px", height=f"{60 + 38 * len(names)}px"),
    )
    return beside(ensemble_html(ensemble), figure)
