"""Epochs in the ledger: the progress of a run, in case its kernel dies."""

from datetime import datetime

import sqlalchemy as sa

from jupyter_classgame.shop.storage.records import EpochRecord
from jupyter_classgame.shop.storage.tables import run_epochs, runs


def record_epoch(
    connection: sa.Connection,
    run: int,
    *,
    epoch: int,
    life_epochs: int,
    weights: str,
    ranked: bool,
    at: datetime,
) -> None:
    """Add an epoch, unless it is recorded with the same weights."""
    row = {
        "run": run,
        "epoch": epoch,
        "life_epochs": life_epochs,
        "weights": weights,
        "ranked": ranked,
    }
    there = sa.select(run_epochs.c.id).where(
        *(run_epochs.c[name] == value for name, value in row.items())
    )
    if connection.execute(there).first() is None:
        connection.execute(run_epochs.insert().values(**row, at=at))


def read_epochs(
    connection: sa.Connection, game: int, *, run: int | None = None, weights: str | None = None
) -> list[EpochRecord]:
    """Read a game's epochs, oldest first; only of a run, or only with some weights."""
    chosen = (
        sa.select(runs.c.number, runs.c.label, run_epochs)
        .join(runs, run_epochs.c.run == runs.c.id)
        .where(runs.c.game == game)
        .order_by(run_epochs.c.id)
    )
    if run is not None:
        chosen = chosen.where(run_epochs.c.run == run)
    if weights is not None:
        chosen = chosen.where(run_epochs.c.weights == weights)
    return [
        EpochRecord(
            f"run {row.number} ({row.label})", row.epoch, row.life_epochs, row.weights, row.ranked
        )
        for row in connection.execute(chosen)
    ]
