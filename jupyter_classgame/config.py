"""Every default an instructor can set, such as ``c.ClassGame.ledger_url``, in an IPython config."""

import re
from pathlib import Path
from typing import Any

from traitlets import Bool, CaselessStrEnum, Float, Integer, TraitError, Unicode, validate
from traitlets.config import Configurable

MONITORS = ("val_acc", "val_loss", "train_acc", "train_loss")
PRECISIONS = ("auto", "no", "bf16", "fp16")
KEEP = ("last", "best", "ema")
VOTES = ("soft", "hard", "weighted")
"""Words that an option may be."""

DEVICES = re.compile(r"auto|\d+|[a-z]+(:\d+(,\d+)*)?")


class ClassGame(Configurable):
    """Defaults of the game."""

    pack = Unicode("digits", help="The pack that `%classgame new` starts without a name.").tag(
        config=True
    )
    rules = Unicode(
        "",
        help="A TOML file with format = 1 and a [rules] table that takes the place of every pack's "
        "own rules, key by key; empty leaves them.",
    ).tag(config=True)
    team = Unicode("", help="The team's name; empty is the system's or the Hub user's name.").tag(
        config=True
    )
    ledger_url = Unicode(
        "",
        help="SQLAlchemy URL of the ledger, such as sqlite:////srv/class/ledger.sqlite or "
        "postgresql+psycopg://host/class; empty is a file in the Jupyter data folder.",
    ).tag(config=True)
    data_dir = Unicode(
        "", help="Where downloaded image sets are kept; empty is the user's data folder."
    ).tag(config=True)
    memory_cap = Integer(
        2048,
        min=1,
        help="Most memory for decoded images, in MiB; larger sets are decoded as they are needed.",
    ).tag(config=True)
    seed = Integer(
        None,
        allow_none=True,
        min=0,
        help="`--seed` of a `%classgame new` that gives none, so that all teams start from the "
        "same numbers; None leaves random draws as they are.",
    ).tag(config=True)
    batch_size = Integer(
        64, min=1, help="Images a batch of a `game.loader` that does not say how many."
    ).tag(config=True)
    epochs = Integer(10, min=1, help="Epochs of a `%train` that does not say how many.").tag(
        config=True
    )
    devices = Unicode(
        "auto",
        help="`--devices` of a `%train` that gives none: auto, cpu, cuda:0, or several: a number, "
        "cpu:2, cuda:0,2.",
    ).tag(config=True)
    precision = CaselessStrEnum(
        PRECISIONS,
        "auto",
        help="`--precision` of a `%train` that gives none: auto takes what the hardware gains by.",
    ).tag(config=True)
    monitor = CaselessStrEnum(
        MONITORS,
        "val_acc",
        help="`--monitor` of a `%train` that gives none: the number that says which epoch is best. "
        "Where nothing is validated, that of training in its place.",
    ).tag(config=True)
    keep = CaselessStrEnum(
        [word for word in KEEP if word != "ema"],  # that needs an --ema as well
        "last",
        help="`--keep` of a `%train` that gives none: the epoch whose weights the model is left "
        "with.",
    ).tag(config=True)
    vote = CaselessStrEnum(VOTES, "soft", help="`--vote` of an `%ensemble` that gives none.").tag(
        config=True
    )
    referee_patience = Float(
        30.0,
        min=1.0,
        help="Seconds that the referee takes for each thing it observes, before it says that it "
        "could not, and does not rank the run.",
    ).tag(config=True)
    checkpoints = Bool(
        True, help="Whether `%train` keeps checkpoints, so that `%train --resume` can go on."
    ).tag(config=True)
    checkpoint_cap = Integer(
        2048,
        min=1,
        help="Most disk for the checkpoints of all runs, in MiB; the oldest runs' go first.",
    ).tag(config=True)
    chart_rate = Float(
        3.0, min=0.2, max=10.0, help="Most updates of a live chart in a second."
    ).tag(config=True)
    earlier_runs = Integer(
        4, min=0, max=4, help="How many earlier runs stand behind a chart's own at first."
    ).tag(config=True)

    devices_idle = Float(
        600.0,
        min=0.0,
        help="Seconds that the processes of a run on several devices wait for the next run.",
    ).tag(config=True)
    devices_patience = Float(
        300.0,
        min=1.0,
        help="Seconds without a step after which a process of such a run is taken to hang.",
    ).tag(config=True)

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
    def told(cls, name: str) -> str:
        """Say in the help of an option where its default is set, and what it is otherwise."""
        value = cls.class_traits()[name].default_value
        return f"by default ClassGame.{name}, {value} unless it is set"

    def ledger_folder(self) -> Path:
        """Give the folder of the default ledger, in the Jupyter data folder; it may not exist."""
        from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415 - not needed to load

        return Path(jupyter_data_dir()) / "classgame"

    def runs_folder(self) -> Path:
        """Give the folder of runs' checkpoints, in the Jupyter data folder; it may not exist."""
        return self.ledger_folder() / "runs"
