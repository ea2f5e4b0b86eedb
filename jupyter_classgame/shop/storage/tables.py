"""The ledger's tables. They are append-only: triggers reject updates and deletions."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """A time in UTC; SQLite itself stores no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Mark the time as UTC."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Json(sa.TypeDecorator[Any]):
    """JSON as text; a rate may be infinite, which PostgreSQL's own JSON type rejects."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: sa.Dialect) -> str:
        """Encode the value."""
        return json.dumps(value)

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> Any:
        """Decode the value, which is missing in some rows of an outer join."""
        return None if value is None else json.loads(value)


LABEL = 200
"""Maximum length of a run's label, in characters."""

settings = sa.Table(
    "classgame_settings",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)

games = sa.Table(
    "classgame_games",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team", sa.String(200), nullable=False),
    sa.Column("pack", sa.String(200), nullable=False),
    sa.Column("spec", Json, nullable=False),
    sa.Column("created", Moment(), nullable=False),
    sa.UniqueConstraint("team", "pack"),
)

entries = sa.Table(
    "classgame_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("game", sa.ForeignKey(games.c.id), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("slug", sa.String(100), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("price", sa.Float, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", Moment(), nullable=False),
    sa.CheckConstraint("kind in ('purchase', 'return', 'reset')"),
    sqlite_autoincrement=True,
)

runs = sa.Table(
    "classgame_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("game", sa.ForeignKey(games.c.id), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("label", sa.String(LABEL), nullable=False),
    sa.Column("ranked", sa.Boolean, nullable=False),
    sa.Column("owned", Json, nullable=False),
    sa.Column("in_use", Json, nullable=False),
    sa.Column("seed", sa.String(40), nullable=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("started", Moment(), nullable=False),
    sa.UniqueConstraint("game", "number"),
)

run_ends = sa.Table(
    "classgame_run_ends",
    metadata,
    sa.Column("run", sa.ForeignKey(runs.c.id), primary_key=True),
    sa.Column("stopped_by", sa.String(20), nullable=False),
    sa.Column("epochs", sa.Integer, nullable=False),
    sa.Column("life_epochs", sa.Integer, nullable=False),
    sa.Column("weights", sa.String(64), nullable=False, index=True),
    sa.Column("ranked", sa.Boolean, nullable=False),
    sa.Column("val_acc", sa.Float),
    sa.Column("val_loss", sa.Float),
    sa.Column("edits", sa.Integer, nullable=False),
    sa.Column("rates", Json, nullable=False),
    sa.Column("answers", Json, nullable=False),
    sa.Column("ended", Moment(), nullable=False),
)

run_numbers = sa.Table(
    "classgame_run_numbers",
    metadata,
    sa.Column("run", sa.ForeignKey(runs.c.id), primary_key=True),
    sa.Column("first_rate", sa.Float),
    sa.Column("last_rate", sa.Float),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("train_acc", sa.Float),
    sa.Column("curves", Json, nullable=False),
)

run_audits = sa.Table(
    "classgame_run_audits",
    metadata,
    sa.Column("run", sa.ForeignKey(runs.c.id), primary_key=True),
    sa.Column("steps", sa.Integer, nullable=False),
    sa.Column("breaches", Json, nullable=False),
    sa.Column("unaudited", Json, nullable=False),
)

run_epochs = sa.Table(
    "classgame_run_epochs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.ForeignKey(runs.c.id), nullable=False, index=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("life_epochs", sa.Integer, nullable=False),
    sa.Column("weights", sa.String(64), nullable=False, index=True),
    sa.Column("ranked", sa.Boolean, nullable=False),
    sa.Column("at", Moment(), nullable=False),
)

run_tensors = sa.Table(
    "classgame_run_tensors",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.ForeignKey(runs.c.id), nullable=False, index=True),
    sa.Column("digest", sa.String(16), nullable=False, index=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sketch", Json, nullable=False),
)

finals = sa.Table(
    "classgame_finals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("game", sa.ForeignKey(games.c.id), nullable=False, index=True),
    sa.Column("weights", sa.String(64), nullable=False),
    sa.Column("accuracy", sa.Float, nullable=False),
    sa.Column("owned", Json, nullable=False),
    sa.Column("in_use", Json, nullable=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("at", Moment(), nullable=False),
    sa.UniqueConstraint("game", "weights"),
)


REFUSAL = "the ledger is append-only"

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION classgame_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def _refuse_changes(table: sa.Table) -> None:
    """Let the database itself reject changes and deletions of rows."""
    _when_created(table, "postgresql", _FUNCTION)
    _when_created(
        table,
        "postgresql",
        f"CREATE TRIGGER {table.name}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION classgame_refuse()",
    )
    for change in ("UPDATE", "DELETE"):
        _when_created(
            table,
            "sqlite",
            f"CREATE TRIGGER {table.name}_no_{change.lower()} BEFORE {change} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        )


def _when_created(table: sa.Table, dialect: str, statement: str) -> None:
    ddl = sa.DDL(statement)  # type: ignore[no-untyped-call]
    sa.event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


for _table in (
    games, entries, runs, run_ends, run_numbers, run_audits, run_epochs, run_tensors, finals,
):  # fmt: skip
    _refuse_changes(_table)
