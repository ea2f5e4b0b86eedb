"""The defaults that an IPython configuration can set, such as ``c.ClassGame.ledger_url``."""

import re
from pathlib import Path
from typing import Any

from traitlets import (
    Bool,
    CaselessStrEnum,
    Float,
    Integer,
    List,
    TraitError,
    Unicode,
    validate,
)
from traitlets.config import Configurable

MONITORS = ("val_acc", "val_loss", "train_acc", "train_loss")
PRECISIONS = ("auto", "no", "bf16", "fp16")
KEEP = ("last", "best", "ema")
VOTES = ("soft", "hard", "weighted")
"""Values that an option accepts."""

DEVICES = re.compile(r"auto|\d+|[a-z]+(:\d+(,\d+)*)?")


class ClassGame(Configurable):
    """Defaults of the game."""

    pack = Unicode("digits", help="The pack that `%classgame new` starts if none is named.").tag(
        config=True
    )
    packs = List(
        Unicode(),
        help="The packs that may be played for rank, as `%classgame new` takes them; if empty, all "
        "may. Others can be played with --practice.",
    ).tag(config=True)
    rules = Unicode(
        "",
        help="A TOML file with format = 1 and a [rules] table that overrides every pack's rules, "
        "key by key; if empty, nothing is overridden.",
    ).tag(config=True)
    team = Unicode(
        "", help="The team's name; if empty, the name of the Hub user or the system's user."
    ).tag(config=True)
    ledger_url = Unicode(
        "",
        help="SQLAlchemy URL of the ledger, such as sqlite:////srv/class/ledger.sqlite or "
        "postgresql+psycopg://host/class; if empty, a file in the Jupyter data folder.",
    ).tag(config=True)
    data_dir = Unicode(
        "", help="Folder for downloaded image sets; if empty, the user's data folder."
    ).tag(config=True)
    memory_cap = Integer(
        2048,
        min=1,
        help="Maximum memory for decoded images, in MiB; larger sets are decoded on demand.",
    ).tag(config=True)
    seed = Integer(
        None,
        allow_none=True,
        min=0,
        help="Default of `%classgame new --seed`, for all teams to start from the same random "
        "numbers; None leaves the random state alone.",
    ).tag(config=True)
    batch_size = Integer(64, min=1, help="Default batch size of `game.loader`.").tag(config=True)
    epochs = Integer(10, min=1, help="Default of `%train --epochs`.").tag(config=True)
    devices = Unicode(
        "auto",
        help="Default of `%train --devices`: auto, cpu, cuda:0, or several: a number, cpu:2, "
        "cuda:0,2.",
    ).tag(config=True)
    precision = CaselessStrEnum(
        PRECISIONS,
        "auto",
        help="Default of `%train --precision`: auto chooses what the hardware benefits from.",
    ).tag(config=True)
    threads = Integer(
        None,
        allow_none=True,
        min=1,
        help="Default of `%train --threads`; None takes as many as measure fastest.",
    ).tag(config=True)
    monitor = CaselessStrEnum(
        MONITORS,
        "val_acc",
        help="Default of `%train --monitor`: the metric that decides which epoch is best; without "
        "validation, its counterpart in training.",
    ).tag(config=True)
    keep = CaselessStrEnum(
        [word for word in KEEP if word != "ema"],  # which needs --ema as well
        "last",
        help="Default of `%train --keep`: the epoch whose weights the model has after the run.",
    ).tag(config=True)
    vote = CaselessStrEnum(VOTES, "soft", help="Default of `%ensemble --vote`.").tag(config=True)
    referee_patience = Float(
        30.0,
        min=1.0,
        help="Seconds after which the referee gives up an observation; the run is then not ranked.",
    ).tag(config=True)
    checkpoints = Bool(
        True, help="Whether `%train` writes checkpoints, which `%train --resume` needs."
    ).tag(config=True)
    checkpoint_cap = Integer(
        2048,
        min=1,
        help="Maximum disk space for the checkpoints of all runs, in MiB; those of the oldest runs "
        "are deleted first.",
    ).tag(config=True)
    chart_rate = Float(
        3.0, min=0.2, max=10.0, help="Maximum updates of a live chart per second."
    ).tag(config=True)
    earlier_runs = Integer(
        4, min=0, max=4, help="Number of earlier runs that a chart shows at first, beside its own."
    ).tag(config=True)

    devices_idle = Float(
        600.0,
        min=0.0,
        help="Seconds that the processes of a run on several devices are kept for the next run.",
    ).tag(config=True)
    devices_patience = Float(
        300.0,
        min=1.0,
        help="Seconds without a step after which a process of such a run counts as hung.",
    ).tag(config=True)

    def __init__(self, **settings: Any) -> None:
        self._begun_in = Path.cwd()  # notebooks change their folder; no place may move with it
        self._data_folder: Path | None = None
        super().__init__(**settings)

    @validate("data_dir", "rules")
    def _absolute(self, proposal: Any) -> str:
        return str(Path(proposal["value"]).expanduser().absolute()) if proposal["value"] else ""

    @validate("pack")
    def _pack_stays(self, proposal: Any) -> str:
        return _in_place(proposal["value"])

    @validate("packs")
    def _packs_stay(self, proposal: Any) -> list[str]:
        return [_in_place(each) for each in proposal["value"]]

    @validate("devices")
    def _devices_are_some(self, proposal: Any) -> str:
        value = re.sub(r"\s", "", proposal["value"]).lower()
        if DEVICES.fullmatch(value):
            return value
        raise TraitError(
            "The 'devices' trait of a ClassGame instance expected auto, a number, cpu, cpu:2, "
            f"cuda:0 or cuda:0,2, not {proposal['value']!r}."
        )

    @classmethod
    def describe_default(cls, name: str) -> str:
        """Describe an option's default for its help: where it is configured, and its value."""
        value = cls.class_traits()[name].default_value
        return f"by default ClassGame.{name}, {value} unless configured"

    def ledger_folder(self) -> Path:
        """Return the folder of the default ledger, in the Jupyter data folder; it may not exist.

        It stays where it was when first asked for, whatever a cell does to ``HOME``: elsewhere
        would be a full wallet.
        """
        from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415 - not needed to load

        if self._data_folder is None:
            self._data_folder = self._begun_in / Path(jupyter_data_dir()).expanduser()
        return self._data_folder / "classgame"

    def runs_folder(self) -> Path:
        """Return the folder of runs' checkpoints, in the Jupyter data folder; it may not exist."""
        return self.ledger_folder() / "runs"


def _in_place(pack: str) -> str:
    """Make a path absolute; a pack's name stays a name."""
    is_path = pack.endswith(".toml") or pack.startswith("~") or any(s in pack for s in "/\\")
    return str(Path(pack).expanduser().absolute()) if is_path else pack
