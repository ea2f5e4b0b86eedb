"""Queries of the ledger's tables within a transaction, and records of their rows."""

from typing import Any

import sqlalchemy as sa

from jupyter_classgame.shop.storage.records import (
    Answers,
    FinalRecord,
    GameRecord,
    Holdings,
    RunAudits,
    RunNumbers,
    RunRecord,
)
from jupyter_classgame.shop.storage.tables import (
    entries,
    finals,
    games,
    run_audits,
    run_ends,
    run_numbers,
    runs,
    settings,
)

RULES_MARK = "#"
"""Stands between a pack's name and the digest of its rules in a game's row."""


def find_game(
    connection: sa.Connection, team: str, pack: str, rules: str, *, inherits: bool
) -> tuple[GameRecord | None, bool]:
    """Find a team's game of a pack by the digest of its rules.

    Returns
    -------
    tuple
        The game, and whether it has yet to be bound to these rules: it was begun before digests
        were recorded, and is found if the pack ``inherits``.
    """
    found = _game(connection, team, row_name(pack, rules), pack)
    if found is not None or not rules or not inherits:
        return found, False
    older = _game(connection, team, pack, pack)
    if older is None:
        return None, False
    bound = connection.scalar(
        sa.select(settings.c.value).where(settings.c.name == _binding(older.id))
    )
    return (older if bound in (None, rules) else None), bound is None


def bind_rules(connection: sa.Connection, game: int, rules: str) -> None:
    """Bind a game that was begun before digests were recorded to the digest of its rules."""
    connection.execute(settings.insert().values(name=_binding(game), value=rules))


def row_name(pack: str, rules: str) -> str:
    """Join a pack's name and the digest of its rules, as a game's row has them."""
    return f"{pack}{RULES_MARK}{rules}" if rules else pack


def pack_of(name: str) -> str:
    """Take the pack's name from what a game's row has."""
    return name.rpartition(RULES_MARK)[0] or name


def of_pack(pack: str) -> sa.ColumnElement[bool]:
    """Select the games of a pack, whatever its rules."""
    return (games.c.pack == pack) | games.c.pack.startswith(f"{pack}{RULES_MARK}", autoescape=True)


def _game(connection: sa.Connection, team: str, name: str, pack: str) -> GameRecord | None:
    row = connection.execute(
        sa.select(games).where(games.c.team == team, games.c.pack == name)
    ).one_or_none()
    return None if row is None else GameRecord(row.id, row.team, pack, dict(row.spec))


def _binding(game: int) -> str:
    return f"rules of game {game}"


def last_reset(connection: sa.Connection, game: int) -> int:
    """Return the entry of a game's last reset; 0 for none."""
    value = connection.execute(
        sa.select(sa.func.max(entries.c.id)).where(
            entries.c.game == game, entries.c.kind == "reset"
        )
    ).scalar()
    return int(value or 0)


def last_entry(connection: sa.Connection, game: int) -> int:
    """Return a game's newest entry; 0 for none."""
    value = connection.execute(
        sa.select(sa.func.max(entries.c.id)).where(entries.c.game == game)
    ).scalar()
    return int(value or 0)


def last_number(connection: sa.Connection, game: int) -> int:
    """Return the number of a game's newest run; 0 for none."""
    query = sa.select(sa.func.max(runs.c.number)).where(runs.c.game == game)
    return int(connection.execute(query).scalar() or 0)


def read_holdings(connection: sa.Connection, game: int) -> Holdings:
    """Sum what is owned since the last reset, and what was paid for it."""
    rows = connection.execute(
        sa.select(
            entries.c.slug,
            sa.func.sum(entries.c.count),
            sa.func.sum(entries.c.count * entries.c.price),
        )
        .where(
            entries.c.game == game,
            entries.c.kind != "reset",
            entries.c.id > last_reset(connection, game),
        )
        .group_by(entries.c.slug)
    ).all()
    held = [(slug, int(count), float(paid)) for slug, count, paid in rows if count > 0]
    return Holdings({s: count for s, count, _ in held}, {s: paid for s, _, paid in held})


def read_used(connection: sa.Connection, game: int) -> dict[str, str]:
    """Map each item to its first use since the last reset: a ranked run, or a final score."""
    used: dict[str, str] = {}
    rows = connection.execute(
        sa.select(runs.c.number, runs.c.label, runs.c.in_use)
        .join(run_ends, run_ends.c.run == runs.c.id)
        .where(
            runs.c.game == game,
            run_ends.c.ranked,
            runs.c.entry >= last_reset(connection, game),
        )
        .order_by(runs.c.number)
    )
    for row in rows:
        for slug in row.in_use:
            used.setdefault(slug, f"ranked run {row.number} ({row.label})")
    scored = connection.execute(
        sa.select(finals.c.in_use).where(
            finals.c.game == game, finals.c.entry >= last_reset(connection, game)
        )
    )
    for row in scored:
        for slug in row.in_use:
            used.setdefault(slug, "a final score")
    return used


def trained_elsewhere(connection: sa.Connection, game: int, weights: str) -> str:
    """Name the run of another game that ended with these weights; empty for none."""
    row = connection.execute(
        sa.select(games.c.team, games.c.pack, runs.c.number)
        .join(runs, runs.c.game == games.c.id)
        .join(run_ends, run_ends.c.run == runs.c.id)
        .where(games.c.id != game, run_ends.c.weights == weights, run_ends.c.life_epochs > 0)
        .order_by(runs.c.id)
    ).first()
    if row is None:
        return ""
    return f"run {row.number} of team {row.team} in {pack_of(row.pack)}"


MEASURED = (
    run_numbers.c.run.label("measured"),
    *(run_numbers.c[name] for name in ("first_rate", "last_rate", "seconds", "train_acc")),
)
"""What is read of a run's numbers where all runs are: all but its curves."""


AUDITED = (
    run_audits.c.run.label("audited"),
    *(run_audits.c[name] for name in ("steps", "breaches", "unaudited")),
)
"""What is read of a run's audits."""


def record_numbers(connection: sa.Connection, run: int, numbers: RunNumbers) -> None:
    """Write what was measured in a run."""
    connection.execute(run_numbers.insert().values(run=run, **vars(numbers)))


def record_audits(connection: sa.Connection, run: int, audits: RunAudits) -> None:
    """Write what a run's audits came to."""
    connection.execute(run_audits.insert().values(run=run, **vars(audits)))


def read_curves(connection: sa.Connection, run: int) -> dict[str, list[list[Any]]]:
    """Read the curves of a run; empty where there are none."""
    query = sa.select(run_numbers.c.curves).where(run_numbers.c.run == run)
    return connection.execute(query).scalar() or {}


def run_record(row: sa.RowMapping, reset: int) -> RunRecord:
    """Build a run's record; its end may be missing. ``reset`` is the game's last reset."""
    measured = row[MEASURED[0]] is not None
    audited = row[AUDITED[0]] is not None
    ended = row[run_ends.c.run] is not None
    return RunRecord(
        id=row[runs.c.id],
        number=row[runs.c.number],
        label=row[runs.c.label],
        ranked=bool(row[run_ends.c.ranked]) if ended else False,
        owned=row[runs.c.owned],
        in_use=row[runs.c.in_use],
        started=row[runs.c.started],
        stopped_by=row[run_ends.c.stopped_by],
        epochs=row[run_ends.c.epochs] or 0,
        life_epochs=row[run_ends.c.life_epochs] or 0,
        val_acc=row[run_ends.c.val_acc],
        val_loss=row[run_ends.c.val_loss],
        weights=row[run_ends.c.weights],
        after_reset=row[runs.c.entry] >= reset,
        began_ranked=bool(row[runs.c.ranked]),
        edits=row[run_ends.c.edits] or 0,
        rates=row[run_ends.c.rates] or (),
        answers=_answers(row[run_ends.c.answers]),
        numbers=RunNumbers(*(row[column] for column in MEASURED[1:])) if measured else None,
        audits=RunAudits(*(row[column] for column in AUDITED[1:])) if audited else None,
    )


def _answers(stored: Any) -> Answers | None:
    """Read a model's answers; a list is of an earlier version, which asked about other images."""
    return Answers(**stored) if stored and isinstance(stored, dict) else None


def read_finals(connection: sa.Connection, game: int) -> list[FinalRecord]:
    """Read a game's scores on the hidden test images, oldest first."""
    rows = connection.execute(sa.select(finals).where(finals.c.game == game).order_by(finals.c.id))
    return [FinalRecord(row.weights, row.accuracy, row.owned, row.in_use, row.at) for row in rows]
