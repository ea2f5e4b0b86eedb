"""The ledger: an append-only record of purchases, returns and runs in a database.

The balance is derived from it, never stored. Every order is one transaction that holds the
game's lock from reading the wallet to writing the purchases, so two kernels of one team cannot
spend the same B NN twice and a kill at any instant leaves an order whole or not there at all.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jupyter_classgame.errors import LedgerError

from .database import Database, refusal
from .people import user_name
from .receipt import Receipt
from .records import FinalRecord, GameRecord, Holdings, RunRecord
from .tables import entries, finals, games, run_ends, runs


class Ledger:
    """A team's purchases, runs and final scores in a database.

    Parameters
    ----------
    database
        Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.where = database.where

    @property
    def present(self) -> bool:
        """Whether its database is still there."""
        return self._database.present

    # -- games ------------------------------------------------------------------------------

    def open_game(
        self,
        team: str,
        pack: str,
        spec: Mapping[str, Any],
        differs: Callable[[str, str, str], str] = "{} {}, not {}".format,
    ) -> GameRecord:
        """Find a team's game of a pack, or begin it.

        ``spec`` says what it is played with (data, image size, split); resuming with another
        is refused, and ``differs`` words a difference: its name, what was and what is.

        Raises
        ------
        LedgerError
            The game was begun with something else; the message names each difference.
        """
        with self._database.write() as connection:
            found = connection.execute(
                sa.select(games).where(games.c.team == team, games.c.pack == pack)
            ).one_or_none()
            if found is None:
                row = {"team": team, "pack": pack, "spec": dict(spec), "created": _now()}
                key = connection.execute(games.insert().values(row)).inserted_primary_key
                if key is None:
                    raise LedgerError(f"{self.where} gave the new game no number")
                return GameRecord(key[0], team, pack, dict(spec))
        if differences := [
            differs(name, str(found.spec.get(name)), str(value))
            for name, value in spec.items()
            if found.spec.get(name) != value
        ]:
            raise LedgerError(
                f"team {team}'s game of {pack} was begun with {'; '.join(differences)}. "
                "Start it as it was begun, or play as another team with --team"
            )
        return GameRecord(found.id, team, pack, found.spec)

    def teams(self, pack: str) -> list[str]:
        """List the teams that have a game of a pack, in alphabetical order."""
        query = sa.select(games.c.team).where(games.c.pack == pack).order_by(games.c.team)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    # -- buying -----------------------------------------------------------------------------

    def holdings(self, game: GameRecord) -> Holdings:
        """Read what a team owns now, and what it paid for it."""
        with self._database.read() as connection:
            return _holdings(connection, game.id)

    def used(self, game: GameRecord) -> dict[str, str]:
        """Say what keeps items bought: slug to the ranked run or the score that used it."""
        with self._database.read() as connection:
            return _used(connection, game.id)

    def order(
        self, game: GameRecord, settle: Callable[[Holdings, Mapping[str, str]], Receipt]
    ) -> Receipt:
        """Carry an order out in one transaction.

        ``settle`` is given what the team holds and what used each item (slug to a run's name), and
        returns the receipt or raises; then nothing is written.
        """
        with self._database.write() as connection:
            _lock_game(connection, game.id)
            receipt = settle(_holdings(connection, game.id), _used(connection, game.id))
            rows = [
                {
                    "game": game.id,
                    "kind": "purchase" if line.verb == "bought" else "return",
                    "slug": line.item.slug,
                    "count": line.change,
                    "price": line.amount / line.change,
                    "by": user_name(),
                    "at": _now(),
                }
                for line in receipt.lines
                if line.change
            ]
            if rows:
                connection.execute(entries.insert(), rows)
        return receipt

    def reset(self, game: GameRecord) -> None:
        """Start the wallet over; what was recorded before stays in the record."""
        with self._database.write() as connection:
            _lock_game(connection, game.id)
            connection.execute(
                entries.insert().values(
                    game=game.id,
                    kind="reset",
                    slug="",
                    count=0,
                    price=0.0,
                    by=user_name(),
                    at=_now(),
                )
            )

    # -- runs -------------------------------------------------------------------------------

    def start_run(
        self,
        game: GameRecord,
        label: str,
        *,
        ranked: bool,
        seed: int,
        in_use: Mapping[str, int],
    ) -> RunRecord:
        """Record that a run begins, with what the team owns and what is in use at that moment."""
        with self._database.write() as connection:
            _lock_game(connection, game.id)
            owned = _holdings(connection, game.id).owned
            before = connection.execute(
                sa.select(sa.func.count()).select_from(runs).where(runs.c.game == game.id)
            ).scalar_one()
            started = _now()
            row = {
                "game": game.id,
                "number": before + 1,
                "label": label,
                "ranked": ranked,
                "owned": owned,
                "in_use": dict(in_use),
                "seed": str(seed),
                "entry": _last_entry(connection, game.id),
                "started": started,
            }
            key = connection.execute(runs.insert().values(row)).inserted_primary_key
            if key is None:
                raise LedgerError(f"{self.where} gave the new run no number")
        return RunRecord(key[0], before + 1, label, ranked, owned, in_use, started)

    def end_run(
        self,
        game: GameRecord,
        run: RunRecord,
        *,
        stopped_by: str,
        epochs: int,
        life_epochs: int,
        weights: str,
        ranked: bool,
        val_acc: float | None,
        val_loss: float | None,
    ) -> bool:
        """Record how a run ended: its best validation numbers and the weights it left behind.

        Returns whether it is ranked: not when something it used was returned meanwhile.
        """
        with self._database.write() as connection:
            _lock_game(connection, game.id)
            owned = _holdings(connection, game.id).owned
            kept = all(
                owned.get(s, 0) >= min(n, run.owned.get(s, 0)) for s, n in run.in_use.items()
            )
            ranked = ranked and kept
            connection.execute(
                run_ends.insert().values(
                    run=run.id,
                    stopped_by=stopped_by,
                    epochs=epochs,
                    life_epochs=life_epochs,
                    weights=weights,
                    ranked=ranked,
                    val_acc=val_acc,
                    val_loss=val_loss,
                    ended=_now(),
                )
            )
        return ranked

    def runs(self, game: GameRecord) -> list[RunRecord]:
        """Read all runs of a game, oldest first; one that never ended has ``stopped_by`` None."""
        with self._database.read() as connection:
            reset = _last_reset(connection, game.id)
            rows = connection.execute(
                sa.select(runs, run_ends)
                .join(run_ends, run_ends.c.run == runs.c.id, isouter=True)
                .where(runs.c.game == game.id)
                .order_by(runs.c.number)
            ).mappings()
            return [_run_record(row, reset) for row in rows]

    def life_epochs(self, game: GameRecord, weights: str) -> int:
        """How many epochs weights were trained for in this game, by their fingerprint."""
        with self._database.read() as connection:
            value = connection.execute(
                sa.select(sa.func.max(run_ends.c.life_epochs))
                .join(runs, run_ends.c.run == runs.c.id)
                .where(runs.c.game == game.id, run_ends.c.weights == weights)
            ).scalar()
        return int(value or 0)

    # -- final scores -----------------------------------------------------------------------

    def finals(self, game: GameRecord) -> list[FinalRecord]:
        """Read the scores on the hidden test images, oldest first; a reset keeps them."""
        with self._database.read() as connection:
            return _finals(connection, game.id)

    def record_final(
        self,
        game: GameRecord,
        weights: str,
        accuracy: float,
        owned: Mapping[str, int],
        *,
        cap: int,
    ) -> FinalRecord | None:
        """Record the score of weights, and what it was reached with; again changes nothing.

        Returns the recorded score, or None once ``cap`` different weights have one.
        """
        with self._database.write() as connection:
            _lock_game(connection, game.id)
            recorded = {record.weights: record for record in _finals(connection, game.id)}
            if weights in recorded:
                return recorded[weights]
            if len(recorded) >= cap:
                return None
            record = FinalRecord(weights, accuracy, dict(owned), _now())
            entry = _last_entry(connection, game.id)
            connection.execute(finals.insert().values(game=game.id, entry=entry, **vars(record)))
            return record

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def open_ledger(url: str, folder: Path) -> Ledger:
    """Open the ledger at a URL, or without one the file ``ledger.sqlite`` of a folder.

    Raises
    ------
    UnwritableLedgerError
        The place cannot be written.
    LedgerError
        What is there is not a ledger.
    """
    if url:
        return Ledger(Database(url))
    path = folder / "ledger.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(str(path), error) from error
    return Ledger(Database(sa.URL.create("sqlite", database=str(path))))


def _lock_game(connection: sa.Connection, game: int) -> None:
    """Hold the game's row to the end of the transaction (SQLite has locked the whole file)."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.select(games.c.id).where(games.c.id == game).with_for_update())


def _last_reset(connection: sa.Connection, game: int) -> int:
    value = connection.execute(
        sa.select(sa.func.max(entries.c.id)).where(
            entries.c.game == game, entries.c.kind == "reset"
        )
    ).scalar()
    return int(value or 0)


def _last_entry(connection: sa.Connection, game: int) -> int:
    value = connection.execute(
        sa.select(sa.func.max(entries.c.id)).where(entries.c.game == game)
    ).scalar()
    return int(value or 0)


def _holdings(connection: sa.Connection, game: int) -> Holdings:
    rows = connection.execute(
        sa.select(
            entries.c.slug,
            sa.func.sum(entries.c.count),
            sa.func.sum(entries.c.count * entries.c.price),
        )
        .where(
            entries.c.game == game,
            entries.c.kind != "reset",
            entries.c.id > _last_reset(connection, game),
        )
        .group_by(entries.c.slug)
    ).all()
    held = [(slug, int(count), float(paid)) for slug, count, paid in rows if count > 0]
    return Holdings({s: count for s, count, _ in held}, {s: paid for s, _, paid in held})


def _used(connection: sa.Connection, game: int) -> dict[str, str]:
    """Items that a ranked run since the last reset used, and the first such run's name."""
    used: dict[str, str] = {}
    rows = connection.execute(
        sa.select(runs.c.number, runs.c.label, runs.c.in_use)
        .join(run_ends, run_ends.c.run == runs.c.id)
        .where(
            runs.c.game == game,
            run_ends.c.ranked,
            runs.c.entry >= _last_reset(connection, game),
        )
        .order_by(runs.c.number)
    )
    for row in rows:
        for slug in row.in_use:
            used.setdefault(slug, f"ranked run {row.number} ({row.label})")
    scored = connection.execute(
        sa.select(finals.c.owned).where(
            finals.c.game == game, finals.c.entry >= _last_reset(connection, game)
        )
    )
    for row in scored:
        for slug in row.owned:
            used.setdefault(slug, "a final score")
    return used


def _run_record(row: sa.RowMapping, reset: int) -> RunRecord:
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
    )


def _finals(connection: sa.Connection, game: int) -> list[FinalRecord]:
    rows = connection.execute(sa.select(finals).where(finals.c.game == game).order_by(finals.c.id))
    return [FinalRecord(row.weights, row.accuracy, row.owned, row.at) for row in rows]


def _now() -> datetime:
    return datetime.now(UTC)
