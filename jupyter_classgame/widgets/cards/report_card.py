"""An evaluation report: a table of scores, and the confusion matrix with its static twin."""

from typing import TYPE_CHECKING

from jupyter_classgame.training.wording import score_text
from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cards.figure_limits import MAX_LIVE
from jupyter_classgame.widgets.page_states import HEAT, HEAT_STYLE

if TYPE_CHECKING:
    import ipywidgets as w

    from jupyter_classgame.evaluation.report import Report
    from jupyter_classgame.widgets.live_with_twin import LiveWithTwin


def report_html(report: "Report") -> str:
    """Format the macro averages, and the table of classes in a fold."""
    numbers = "".join(
        f'<div style="margin-right:28px"><div style="font-size:20px;font-weight:600;'
        f'font-variant-numeric:tabular-nums">{score_text(value)}</div>'
        f'<div style="color:{palette.MUTED_CSS};font-size:12px">{name}</div></div>'
        for name, value in (
            ("accuracy", report.accuracy),
            ("macro precision", report.precision),
            ("macro recall", report.recall),
            ("macro F1", report.f1),
        )
    )
    scores = report.per_class
    rows = [
        (
            markup.text(name),
            *(score_text(scores[column][index]) for column in ("precision", "recall", "f1")),
            f"{int(scores['support'][index]):,}",
        )
        for index, name in enumerate(report.classes)
    ]
    table = markup.table(
        ["class", "precision", "recall", "F1", "images"],
        rows,
        caption="Scores of each class",
        numeric=[1, 2, 3, 4],
    )
    fold = (
        f'<details {"open" if len(rows) <= MAX_LIVE else ""} style="margin-top:10px">'
        f'<summary style="cursor:pointer;color:{palette.MUTED_CSS}">each class</summary>'
        f'<div style="margin-top:4px">{table}</div></details>'
    )
    whose = markup.line(f"Weights: {report.weights}") if report.weights else ""
    body = f'<div style="display:flex;flex-wrap:wrap">{numbers}</div>{whose}{fold}'
    return markup.card(body, f"Evaluation of {report.name}", f"{report.n:,} of {report.data}")


def report_view(report: "Report") -> "LiveWithTwin":
    """Make the scores and the confusion matrix: a live heat map with its static twin."""
    from jupyter_classgame.widgets.cards.static_figures import confusion  # noqa: PLC0415  (matplotlib)
    from jupyter_classgame.widgets.live_with_twin import LiveWithTwin  # noqa: PLC0415  (ipywidgets)

    twin = confusion(report)
    html = markup.side_by_side(report_html(report), twin["text/html"])
    text = f"{report!r}\n{twin['text/plain']}"
    build = (lambda: heat_map(report)) if len(report.classes) <= MAX_LIVE else None
    return LiveWithTwin(build, {**twin, "text/html": html, "text/plain": text})


def heat_map(report: "Report") -> "w.DOMWidget":
    """Make the live widget: the scores beside a bqplot heat map."""
    from jupyter_classgame.widgets.cards.cell_images import with_images  # noqa: PLC0415
    from jupyter_classgame.widgets.cards.confusion_map import heat_figure  # noqa: PLC0415  (bqplot)
    from jupyter_classgame.widgets.live_with_twin import beside  # noqa: PLC0415  (ipywidgets)

    figure = heat_figure(report)
    figure.add_class(HEAT)
    shown = beside(HEAT_STYLE + report_html(report), figure)
    return with_images(report, figure.marks[0], shown) if report.samples else shown
