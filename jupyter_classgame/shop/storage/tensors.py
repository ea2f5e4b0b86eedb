"""Weight tensors in the ledger: what any run of the class has trained them to."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from jupyter_classgame.shop.storage.queries import pack_of
from jupyter_classgame.shop.storage.records import TensorMark
from jupyter_classgame.shop.storage.tables import games, run_tensors, runs


def record_tensors(connection: sa.Connection, run: int, marks: Sequence[TensorMark]) -> None:
    """Add the tensors that a run has ended with."""
    rows = [
        {"run": run, "digest": mark.digest, "size": mark.size, "sketch": list(mark.sketch)}
        for mark in marks
    ]
    if rows:
        connection.execute(run_tensors.insert(), rows)


def read_holder(connection: sa.Connection, game: int, digests: Collection[str]) -> tuple[str, str]:
    """Find a run of any game that has ended with one of some tensors.

    Returns
    -------
    tuple
        The tensor's digest, and a name of the run for a player of this game; empty for none.
    """
    row = connection.execute(
        sa.select(run_tensors.c.digest, runs.c.number, runs.c.label, runs.c.game, games.c.team,
                  games.c.pack)
        .join(runs, run_tensors.c.run == runs.c.id)
        .join(games, runs.c.game == games.c.id)
        .where(run_tensors.c.digest.in_(digests))
        .order_by(runs.c.game != game, run_tensors.c.id)
    ).first()  # fmt: skip
    if row is None:
        return "", ""
    name = f"run {row.number} ({row.label})"
    other = "" if row.game == game else f" of team {row.team} in {pack_of(row.pack)}"
    return row.digest, name + other


def read_sketches(
    connection: sa.Connection, game: int, sizes: Collection[int], *, most: int
) -> list[TensorMark]:
    """Read the newest sketches of tensors of some sizes in a game: so many of each size."""
    found = []
    for size in sizes:
        rows = connection.execute(
            sa.select(run_tensors)
            .join(runs, run_tensors.c.run == runs.c.id)
            .where(runs.c.game == game, run_tensors.c.size == size)
            .order_by(run_tensors.c.id.desc())
            .limit(most)
        )
        found += [TensorMark(row.digest, row.size, tuple(row.sketch)) for row in rows if row.sketch]
    return found
