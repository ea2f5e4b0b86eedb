"""A game as HTML: its status, its runs, its scores on the hidden test images."""

from typing import TYPE_CHECKING

from jupyter_classgame.shop.item import amount
from jupyter_classgame.training.wording import score_text
from jupyter_classgame.widgets import markup, palette

if TYPE_CHECKING:
    from jupyter_classgame.session.status import FinalScore, RunTable, Status


BASELINE_BUTTON = (
    '<button type="button" class="jp-Classgame-button" data-classgame-baseline '
    'style="display:none;margin-top:8px">Insert the baseline\'s cells</button>'
)
"""It is shown where the labextension is, which listens to it."""


def status_html(status: "Status") -> str:
    """Format the status of a team."""
    owned = ", ".join(
        f"{markup.isolated(item.name)}{f' × {count}' if count > 1 else ''}"  # noqa: RUF001
        for item, count in status.owned
    )
    height, width = status.image_size
    train, val, test = status.images
    left = f"{amount(status.balance)} left of {amount(status.budget)}"
    rows = [
        ("balance", status.balance_text()),
        ("owned", owned or status.owns_nothing()),
        ("images", f"{train:,} training, {val:,} validation, {test:,} hidden test"),
        ("size", f"{height} × {width} pixels, {len(status.classes)} classes"),  # noqa: RUF001
        ("best run", status.best_text("validation accuracy")),
        *([("model", f"its weights: {status.model}")] if status.model else []),
        ("final", status.finals_text()),
        ("limits", status.limits_text()),
        ("ledger", status.ledger),
        *([("begin", status.begin_text())] if status.begin_text() else []),
        *(("note", note) for note in status.notes),
    ]
    share = status.balance / status.budget if status.budget else 0.0
    meter = f'<div style="margin:2px 0 8px">{markup.meter(share, left)}</div>'
    body = ("" if status.practice else meter) + markup.facts(rows, caption="Status")
    body += "" if status.complete else BASELINE_BUTTON
    aside = f"{status.pack}, team {status.team}" + (", practice" if status.practice else "")
    return markup.card(body, status.title, aside, label="Status of the game")


def final_html(score: "FinalScore") -> str:
    """Format a score on the hidden test images, or the earlier ones if no attempt is left."""
    attempts = score.attempts()
    past = ", ".join(score_text(record.accuracy) for record in score.past)
    earlier = markup.line(f"Scores on record: {past}") if past else ""
    if score.declined:
        body = markup.line(f"{score.name} was not scored.", muted=False) + earlier
        return markup.card(body, "Hidden test images", attempts)
    if not score.scored:
        body = markup.line("No attempt is left; nothing was scored.", muted=False) + earlier
        return markup.card(body, "Hidden test images", attempts)
    number = (
        f'<div style="font-size:28px;font-weight:600;color:{palette.TEXT_CSS};'
        f'font-variant-numeric:tabular-nums">{score_text(score.accuracy)}</div>'
        + markup.line(f"accuracy of {score.name} on {score.n:,} images")
        + (markup.line(f"Weights: {score.weights}") if score.weights else "")
    )
    return markup.card(number + earlier, "Hidden test images", attempts)


def runs_html(table: "RunTable") -> str:
    """Format a game's runs as a table, the best first."""
    from jupyter_classgame.session.status import RUN_COLUMNS  # noqa: PLC0415 - light

    title, aside = f"Runs of {table.pack}", f"team {table.team}"
    if not table.runs:
        return markup.card(markup.line("None yet; %train makes one."), title, aside)
    owned = map(table.owned_text, table.best_first)
    rows = [
        [markup.text(cell) for cell in (*row, had)]
        for row, had in zip(table.rows(), owned, strict=True)
    ]
    head = [*RUN_COLUMNS, "owned"]
    body = markup.table(head, rows, caption=title, numeric=[2, 3, 4, 5])
    return markup.card(body, title, aside)
