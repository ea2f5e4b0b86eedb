"""The ledger's tables. Rows are only ever added: triggers refuse to change or delete them."""

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC; SQLite itself keeps no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Say that what was read is UTC."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


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
    sa.Column("spec", sa.JSON, nullable=False),
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
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("ranked", sa.Boolean, nullable=False),
    sa.Column("owned", sa.JSON, nullable=False),
    sa.Column("in_use", sa.JSON, nullable=False),
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
    sa.Column("rates", sa.JSON, nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("ended", Moment(), nullable=False),
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

finals = sa.Table(
    "classgame_finals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("game", sa.ForeignKey(games.c.id), nullable=False, index=True),
    sa.Column("weights", sa.String(64), nullable=False),
    sa.Column("accuracy", sa.Float, nullable=False),
    sa.Column("owned", sa.JSON, nullable=False),
    sa.Column("in_use", sa.JSON, nullable=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("at", Moment(), nullable=False),
    sa.UniqueConstraint("game", "weights"),
)


def _refuse_change(table: sa.Table, change: str) -> None:
    trigger = sa.DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER {table.name}_no_{change.lower()} BEFORE {change} ON {table.name} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )
    sa.event.listen(table, "after_create", trigger.execute_if(dialect="sqlite"))


for _table in (games, entries, runs, run_ends, run_epochs, finals):
    _refuse_change(_table, "UPDATE")
    _refuse_change(_table, "DELETE")
