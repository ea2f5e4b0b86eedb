"""Every default an instructor can set, such as ``c.ClassGame.ledger_url``, in an IPython config."""

from pathlib import Path

from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Configurable


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
    epochs = Integer(10, min=1, help="Epochs of a `%train` that does not say how many.").tag(
        config=True
    )
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

    def ledger_folder(self) -> Path:
        """Give the folder of the default ledger, in the Jupyter data folder; it may not exist."""
        from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415 - not needed to load

        return Path(jupyter_data_dir()) / "classgame"

    def runs_folder(self) -> Path:
        """Give the folder of runs' checkpoints, in the Jupyter data folder; it may not exist."""
        return self.ledger_folder() / "runs"
