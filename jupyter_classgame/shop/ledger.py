"""The ledger: an append-only record of purchases, returns and runs in a database.

The balance is derived from it and never stored. Every order is one transaction that holds the
game's lock from reading the wallet to writing the purchases. So two kernels of one team cannot
spend the same B NN twice, and a killed kernel leaves an order either complete or absent.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.shop.receipt import Receipt
from jupyter_classgame.shop.storage.database import MEMORY, Database, refusal
from jupyter_classgame.shop.storage.engines import lock
from jupyter_classgame.shop.storage.epochs import read_epochs, record_epoch
from jupyter_classgame.shop.storage.queries import (
    AUDITED,
    MEASURED,
    bind_rules,
    find_game,
    last_entry,
    last_number,
    last_reset,
    of_pack,
    read_curves,
    read_finals,
    read_holdings,
    read_used,
    record_audits,
    record_numbers,
    row_name,
    run_record,
    trained_elsewhere,
)
from jupyter_classgame.shop.storage.records import (
    UNRECORDED,
    Answers,
    EpochRecord,
    FinalRecord,
    GameRecord,
    Holdings,
    RunAudits,
    RunNumbers,
    RunRecord,
    TensorMark,
)
from jupyter_classgame.shop.storage.tables import (
    LABEL,
    entries,
    finals,
    games,
    run_audits,
    run_ends,
    run_numbers,
    runs,
)
from jupyter_classgame.shop.storage.tensors import read_holder, read_sketches, record_tensors
from jupyter_classgame.shop.user_name import user_name

FILE = "ledger.sqlite"
"""The ledger in a folder, where no URL is set."""


class Ledger:
    """A team's purchases, runs and final scores in a database.

    Parameters
    ----------
    database
        Where they are stored.
    """

    lost = False
    """Whether it stands in for one that is out of reach."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.where = database.where
        self._known: dict[int, Holdings] = {}
        self._numbers: dict[int, int] = {}

    @property
    def present(self) -> bool:
        """Whether its database still exists."""
        return self._database.present

    def check_present(self) -> None:
        """Refuse a database whose file was removed; one that is open would still be written.

        Raises
        ------
        UnwritableLedgerError
            Its file is gone.
        """
        if not self.present:
            raise refusal(self.where, FileNotFoundError("the file is gone"))

    @property
    def shared(self) -> bool:
        """Whether another process can reach it."""
        return self.where != MEMORY

    # -- games ------------------------------------------------------------------------------

    def check_writable(self) -> None:
        """Write something and take it back.

        Raises
        ------
        UnwritableLedgerError
            The database is read-only, or its disk is full.
        """
        self._database.check_writable()

    def open_game(
        self,
        team: str,
        pack: str,
        spec: Mapping[str, Any],
        differs: Callable[[str, str, str], str] = "{} {}, not {}".format,
        *,
        rules: str = "",
        inherits: bool = True,
    ) -> GameRecord:
        """Find a team's game of a pack, or create it.

        Parameters
        ----------
        team, pack
            Their names.
        spec
            The game's settings (data, image size, split); resuming it with others is refused.
        differs
            Formats a difference from its name, its old and its new value.
        rules
            Digest of the pack's rules and prices: with others it is another game.
        inherits
            Whether a game without such a digest, of an earlier version, may be this one.

        Raises
        ------
        LedgerError
            The game was started with another ``spec``; the message names each difference.
        """
        asked = (team, pack, rules)
        with self._database.read() as connection:  # a whole class opens its games at once
            found, unbound = find_game(connection, *asked, inherits=inherits)
        if found is None or unbound:
            with self._database.write() as connection:
                lock(connection)  # another kernel of the team may create it at this moment
                with self._database.decoding():
                    found, unbound = find_game(connection, *asked, inherits=inherits)
                if found is None:
                    return self._new_game(connection, *asked, spec)
                if unbound:
                    bind_rules(connection, found.id, rules)
        if differences := [
            differs(name, str(found.spec.get(name)), str(value))
            for name, value in spec.items()
            if found.spec.get(name) != value
        ]:
            raise LedgerError(
                f"team {team}'s game of {pack} was begun with {'; '.join(differences)}. "
                "Start it as it was begun, or play as another team with --team"
            )
        return found

    def _new_game(
        self, connection: sa.Connection, team: str, pack: str, rules: str, spec: Mapping[str, Any]
    ) -> GameRecord:
        name = row_name(pack, rules)
        row = {"team": team, "pack": name, "spec": dict(spec), "created": _now()}
        key = connection.execute(games.insert().values(row)).inserted_primary_key
        if key is None:
            raise LedgerError(f"{self.where} gave the new game no number")
        return GameRecord(key[0], team, pack, dict(spec))

    def teams(self, pack: str = "") -> list[str]:
        """List the teams that have a game, or one of a pack, in alphabetical order."""
        query = sa.select(games.c.team).distinct().order_by(games.c.team)
        query = query.where(of_pack(pack)) if pack else query
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def games_by_other_rules(self, game: GameRecord) -> int:
        """Count the team's games of the same pack by other rules or prices."""
        query = sa.select(sa.func.count()).where(
            of_pack(game.pack), games.c.team == game.team, games.c.id != game.id
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    # -- buying -----------------------------------------------------------------------------

    def holdings(self, game: GameRecord) -> Holdings:
        """Read what a team owns and what it paid for it."""
        with self._database.read() as connection:
            held = read_holdings(connection, game.id)
            newest = last_number(connection, game.id)
        self._known[game.id] = held
        self._note_number(game, newest)
        return held

    def _note_number(self, game: GameRecord, number: int) -> int:
        """Take note of a run's number, and return the highest that is taken."""
        highest = max(number, self._numbers.get(game.id, 0))
        self._numbers[game.id] = highest
        return highest

    def last_known(self, game: GameRecord) -> Holdings:
        """Return what a team owned when the ledger was last read, without reading it."""
        return self._known.get(game.id, Holdings({}, {}))

    def newest(self, game: GameRecord) -> int:
        """Return the number of a game's newest entry; 0 for none. A fast query."""
        with self._database.read() as connection:
            return last_entry(connection, game.id)

    def used(self, game: GameRecord) -> dict[str, str]:
        """Map each item that cannot be returned to the ranked run or score that used it."""
        with self._database.read() as connection:
            return read_used(connection, game.id)

    def order(
        self, game: GameRecord, settle: Callable[[Holdings, Mapping[str, str]], Receipt]
    ) -> Receipt:
        """Carry out an order in one transaction.

        ``settle`` receives the team's holdings and what used each item (slug to a run's name), and
        returns the receipt. If it raises, nothing is written.
        """
        with self._database.write() as connection:
            lock(connection, game.id)
            with self._database.decoding():
                held, used = read_holdings(connection, game.id), read_used(connection, game.id)
            receipt = settle(held, used)
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
        self._known[game.id] = Holdings(receipt.owned, self.last_known(game).paid)
        return receipt

    def reset(self, game: GameRecord) -> None:
        """Reset the wallet; earlier entries stay in the record."""
        with self._database.write() as connection:
            lock(connection, game.id)
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
        self._known.pop(game.id, None)

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
        """Record the start of a run, with what the team owns and what is in use."""
        label = label[:LABEL]
        with self._database.write() as connection:
            lock(connection, game.id)
            with self._database.decoding():
                owned = read_holdings(connection, game.id).owned
                newest = last_number(connection, game.id)
                entry = last_entry(connection, game.id)
            number = self._note_number(game, newest) + 1
            started = _now()
            row = {
                "game": game.id,
                "number": number,
                "label": label,
                "ranked": ranked,
                "owned": owned,
                "in_use": dict(in_use),
                "seed": str(seed),
                "entry": entry,
                "started": started,
            }
            key = connection.execute(runs.insert().values(row)).inserted_primary_key
            if key is None:
                raise LedgerError(f"{self.where} gave the new run no number")
        self._note_number(game, number)
        return RunRecord(key[0], number, label, ranked, owned, in_use, started, began_ranked=ranked)

    def unrecorded_run(
        self, game: GameRecord, label: str, *, in_use: Mapping[str, int]
    ) -> RunRecord:
        """Stand in for the record of a run whose start could not be written; it is not ranked.

        Nothing is read: what is owned is what was last known, and the run's number the next one by
        what is known; no later run of this kernel has it.
        """
        owned = self.last_known(game).owned
        number = self._note_number(game, 0) + 1
        self._note_number(game, number)
        return RunRecord(UNRECORDED, number, label[:LABEL], False, owned, in_use, _now())

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
        edits: int = 0,
        rates: Sequence[float] = (),
        answers: Answers | None = None,
        numbers: RunNumbers | None = None,
        tensors: Sequence[TensorMark] = (),
        audits: RunAudits | None = None,
    ) -> bool:
        """Record the end of a run, with its best validation metrics and final weights.

        ``edits``, ``rates``, ``answers``, ``numbers`` and ``audits`` are as in
        :class:`~jupyter_classgame.shop.storage.records.RunRecord`; ``tensors`` are those that it
        has trained.
        Returns whether it is ranked; it is not if an item that it used was returned meanwhile.
        """
        with self._database.write() as connection:
            lock(connection, game.id)
            with self._database.decoding():
                owned = read_holdings(connection, game.id).owned
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
                    edits=edits,
                    rates=list(rates),
                    answers=asdict(answers) if answers else {},
                    ended=_now(),
                )
            )
            if numbers is not None:
                record_numbers(connection, run.id, numbers)
            record_tensors(connection, run.id, tensors)
            if audits is not None:
                record_audits(connection, run.id, audits)
        return ranked

    def record_epoch(
        self, run: RunRecord, *, epoch: int, life_epochs: int, weights: str, ranked: bool
    ) -> None:
        """Record the end of an epoch and the model's weights after it."""
        with self._database.write() as connection:
            record_epoch(
                connection, run.id, epoch=epoch, life_epochs=life_epochs, weights=weights,
                ranked=ranked, at=_now(),
            )  # fmt: skip

    def epochs(
        self, game: GameRecord, *, run: RunRecord | None = None, weights: str | None = None
    ) -> list[EpochRecord]:
        """Read a game's recorded epochs, oldest first; only of a run, or only with some weights."""
        with self._database.read() as connection:
            return read_epochs(connection, game.id, run=run.id if run else None, weights=weights)

    def runs(self, game: GameRecord) -> list[RunRecord]:
        """Read all runs of a game, oldest first; ``stopped_by`` is None if a run never ended."""
        with self._database.read() as connection:
            reset = last_reset(connection, game.id)
            rows = connection.execute(
                sa.select(runs, run_ends, *MEASURED, *AUDITED)
                .join(run_ends, run_ends.c.run == runs.c.id, isouter=True)
                .join(run_numbers, run_numbers.c.run == runs.c.id, isouter=True)
                .join(run_audits, run_audits.c.run == runs.c.id, isouter=True)
                .where(runs.c.game == game.id)
                .order_by(runs.c.number)
            ).mappings()
            return [run_record(row, reset) for row in rows]

    def curves(self, run: RunRecord) -> dict[str, list[list[Any]]]:
        """Read the curves of a run, as in its numbers; empty where there are none."""
        with self._database.read() as connection:
            return read_curves(connection, run.id)

    def elsewhere(self, game: GameRecord, weights: str) -> str:
        """Name the run of another game, a team's or a pack's, that ended with these weights."""
        with self._database.read() as connection:
            return trained_elsewhere(connection, game.id, weights)

    def holder(self, game: GameRecord, digests: Collection[str]) -> tuple[str, str]:
        """Find a run, of any game, that has ended with one of some weight tensors.

        Returns
        -------
        tuple
            The tensor's digest, and the name of the run; empty for none.
        """
        with self._database.read() as connection:
            return read_holder(connection, game.id, digests)

    def sketches(self, game: GameRecord, sizes: Collection[int], *, most: int) -> list[TensorMark]:
        """Read the newest sketches of weight tensors of some sizes that the game's runs left."""
        with self._database.read() as connection:
            return read_sketches(connection, game.id, sizes, most=most)

    # -- final scores -----------------------------------------------------------------------

    def finals(self, game: GameRecord) -> list[FinalRecord]:
        """Read the scores on the hidden test images, oldest first; a reset keeps them."""
        with self._database.read() as connection:
            return read_finals(connection, game.id)

    def record_final(
        self,
        game: GameRecord,
        weights: str,
        accuracy: float,
        owned: Mapping[str, int],
        in_use: Mapping[str, int],
        *,
        cap: int,
    ) -> FinalRecord | None:
        """Record the score of weights, with what is owned and in use, unless they have one.

        Returns the recorded score, or None if ``cap`` other weights have one already.
        """
        with self._database.write() as connection:
            lock(connection, game.id)
            with self._database.decoding():
                past = read_finals(connection, game.id)
            recorded = {record.weights: record for record in past}
            if weights in recorded:
                return recorded[weights]
            if len(recorded) >= cap:
                return None
            record = FinalRecord(weights, accuracy, dict(owned), dict(in_use), _now())
            entry = last_entry(connection, game.id)
            connection.execute(finals.insert().values(game=game.id, entry=entry, **vars(record)))
            return record

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def open_ledger(url: str, folder: Path) -> Ledger:
    """Open the ledger at a URL, or ``ledger.sqlite`` in a folder if the URL is empty.

    Raises
    ------
    UnwritableLedgerError
        The location is not writable.
    LedgerError
        The database is not a ledger.
    """
    if url:
        return Ledger(Database(url))
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(str(path), error) from error
    return Ledger(Database(sa.URL.create("sqlite", database=str(path))))


def _now() -> datetime:
    return datetime.now(UTC)
