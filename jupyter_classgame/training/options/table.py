"""The table of options: what ``%train`` and ``game.train`` take, one entry each.

The magic's parser and manual, the checks, completion, what a checkpoint keeps and the table in
``docs/training.md`` come from it. Adding an option is adding an entry; where it does something in
the loop, ``callback`` names the class, in a file of its own in ``training/callbacks/``. Nothing
heavy is imported here: the table is read when the extension is loaded.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from jupyter_classgame.config import KEEP, MONITORS, PRECISIONS

Kind = Literal["object", "whole", "number", "word", "text", "switch"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a run.

    Attributes
    ----------
    name
        As a keyword of ``game.train``; ``mix_until`` is ``--mix-until`` in a line.
    kind
        What its value is: an object of the notebook, a whole number, a number, one of ``choices``,
        a text, or a switch that is on where it is written.
    help
        What it does, in one line of the manual.
    default
        Its value where neither the player nor the configuration gives one.
    details
        What it does, as the table in the documentation says it; empty takes ``help``.
    source
        The paper or the function behind it.
    choices
        The words that a value may be.
    offered
        Words that completion offers beside variables; empty offers ``choices``.
    variable
        The kind of variable that completion offers, see ``magics/option_suggestions.py``.
    least, above, below
        Limits of a number: at least ``least``; above and below the others.
    found
        The name in the notebook under which an object is found that is not given.
    positional
        Written without its name.
    configured
        Whether ``ClassGame`` has a trait of this name that sets its default.
    saved
        Whether a checkpoint keeps the value, so that ``--resume`` need not repeat it.
    callback
        The class that does it, as ``module.Class`` in ``training/callbacks``. Options that have a
        value make their callbacks in the order of the table, which the loop calls them in.
    complaint
        Given the value and all options, says what does not fit, such as an option that is missing;
        an empty text where all is well.
    repeated
        Whether a message with such a complaint repeats the value.
    """

    name: str
    kind: Kind
    help: str
    default: Any = None
    details: str = ""
    source: str = ""
    choices: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    variable: str = ""
    least: float | None = None
    above: float | None = None
    below: float = math.inf
    found: str = ""
    positional: bool = False
    configured: bool = False
    saved: bool = True
    callback: str = ""
    repeated: bool = True
    complaint: Callable[[Any, Any], str] | None = None

    @property
    def flag(self) -> str:
        """Its spelling in a line, as messages name it."""
        return self.name.upper() if self.positional else flag(self.name)


def flag(name: str) -> str:
    """Give an option's spelling in ``%train``: ``mix_until`` is ``--mix-until``."""
    return f"--{name.replace('_', '-')}"


def smoothing_range(text: Any) -> tuple[float, float] | None:
    """Read label smoothing such as ``0.1:0.0``: of the first epoch and of the last, in [0, 1)."""
    try:
        first, last = (float(part) for part in str(text).split(":"))
    except ValueError:
        return None
    return (first, last) if 0 <= first < 1 and 0 <= last < 1 else None


def _smooth(value: Any, _options: Any) -> str:
    if smoothing_range(value) is not None:
        return ""
    return (
        "write the smoothing of the first and of the last epoch, from 0 to below 1, such as 0.1:0.0"
    )


def _keep(value: Any, options: Any) -> str:
    missing = value == "ema" and options.ema is None
    return "there is no average; add --ema 0.999 or another decay" if missing else ""


def _needs(other: str, advice: str) -> Callable[[Any, Any], str]:
    return lambda _value, options: advice if getattr(options, other) is None else ""


def _excludes(*others: str) -> Callable[[Any, Any], str]:
    def complaint(_value: Any, options: Any) -> str:
        other = next((name for name in others if getattr(options, name)), None)
        return "" if other is None else f"it does not go with {flag(other)}"

    return complaint


OPTIONS = (
    Option(
        name="model", kind="object", positional=True, saved=False,
        help="a torch.nn.Module", found="model", variable="model",
    ),
    Option(
        name="optimizer", kind="object", positional=True, saved=False,
        help="its optimizer", found="optimizer", variable="optimizer",
    ),
    Option(
        name="data", kind="object", saved=False,
        help="training loader", found="train_loader", variable="loader",
    ),
    Option(
        name="val", kind="object", saved=False,
        help="validation loader, or none", found="val_loader", variable="loader",
        offered=("none",),
    ),
    Option(
        name="criterion", kind="object", saved=False,
        help="the loss; cross-entropy where there is none", found="criterion", variable="criterion",
    ),
    Option(
        name="scheduler", kind="object", saved=False,
        help="learning-rate scheduler, or none", found="scheduler", variable="scheduler",
        offered=("none",),
        details="any of torch's: one-cycle and cyclic ones are stepped every step, "
        "`ReduceLROnPlateau` looks at the number that suits its mode, all others count epochs",
        source="`torch.optim.lr_scheduler`",
    ),
    Option(
        name="epochs", kind="whole", help="how many", least=1, configured=True, saved=False,
        details="how many epochs are trained; a pack limits those of a model's whole life",
    ),
    Option(
        name="seed", kind="whole", saved=False,
        help="seed of every random draw; by default the game's or torch's",
    ),
    Option(
        name="devices", kind="text", configured=True,
        help="auto, cpu, cuda:0, or several: a number, cpu:2, cuda:0,2",
        offered=("auto", "cpu", "cuda:0", "2", "cpu:2", "cuda:0,1"),
        details="where it is trained: `auto`, `cpu`, `cuda:0`, or several: a number, `cpu:2`, "
        "`cuda:0,2`; see [devices](devices.md)",
    ),
    Option(
        name="sync_bn", kind="switch", default=False,
        help="batch norm over all devices",
    ),
    Option(
        name="accelerate_config", kind="text",
        help="a file that accelerate config writes",
        details="a file that `accelerate config` writes: mixed precision, gradient accumulation "
        "and settings of DistributedDataParallel",
    ),
    Option(
        name="export_job", kind="text",
        help="write the run to a new folder, for other machines to carry out",
        repeated=False, complaint=_excludes("import_job", "resume"),
    ),
    Option(
        name="import_job", kind="text",
        help="put the result of such a folder into the objects",
        repeated=False, complaint=_excludes("resume"),
    ),
    Option(
        name="precision", kind="word", default="auto", choices=PRECISIONS, configured=True,
        help="auto, no, bf16 or fp16: how the forward pass computes",
        details="how the forward pass computes: `auto` takes what the hardware gains by",
    ),
    Option(
        name="threads", kind="whole", least=1, configured=True,
        help="threads that torch computes with on the CPU; by default as many as are fastest",
        details="threads that torch computes with on the CPU, in each process; by default as many "
        "as measure fastest at the moment, and with a seed as many as torch has and the process "
        "may use; see [speed](training.md#threads)",
    ),
    Option(
        name="practice", kind="switch", default=False,
        help="do not rank this run",
    ),
    Option(
        name="force", kind="switch", default=False,
        help="train in spite of the coach's errors; unranked",
    ),
    Option(
        name="background", kind="switch", default=False, saved=False,
        help="return at once; history.wait(), .stop()",
        details="the cell ends at once and the run goes on: `history.wait()`, `.stop()`, "
        "`.pause()`, `.resume()`",
    ),
    Option(
        name="resume", kind="switch", default=False, saved=False,
        help="continue the run that a dead kernel left behind",
        details="continue the run that a dead kernel left behind, see "
        "[checkpoints](checkpoints.md)",
    ),
    Option(
        name="monitor", kind="word", choices=MONITORS, configured=True,
        help=f"one of {', '.join(MONITORS)}",
        details="the number that decides which epoch is best; of training where nothing is "
        "validated",
    ),
    Option(
        name="keep", kind="word", default="last", choices=KEEP, configured=True, complaint=_keep,
        help="last, best or ema: whose weights the model is left with",
        details="whose weights the model is left with: the last epoch's, the best one's by the "
        "monitor, or the moving average",
    ),
    Option(
        name="then", kind="object", saved=False, variable="optimizer",
        help="an optimizer that takes over at epoch --at",
        details="another optimizer of the notebook takes the steps from the run's epoch `--at` on",
        source="Keskar and Socher 2017, arXiv:1712.07628",
        repeated=False, complaint=_needs("at", "add --at EPOCH, the epoch at which it takes over"),
        callback="switch.SwitchOptimizer",
    ),
    Option(
        name="at", kind="whole", least=2,
        help="the epoch at which --then takes over, 2 or later",
        complaint=_needs("then", "add --then OPTIMIZER, the one that takes over"),
    ),
    Option(
        name="warmup", kind="whole", default=0, least=0,
        help="epochs in which the learning rate rises to its value",
        details="the learning rate rises in equal steps over the first epochs of the model's "
        "life; the scheduler begins its own course after that",
        source="Goyal et al. 2017, arXiv:1706.02677",
        callback="warmup.WarmUp",
    ),
    Option(
        name="accumulate", kind="whole", default=1, least=1,
        help="batches whose gradients make one step",
        details="the gradients of so many batches make one step, as those of one batch so many "
        "times as large would",
    ),
    Option(
        name="mix_until", kind="whole", least=1,
        help="last epoch with the loader's batch_transform (mixup, cutmix)",
        details="the loader's `batch_transform` (mixup, cutmix) is left off after this epoch of "
        "the run",
        source="Zhang et al. 2018, arXiv:1710.09412; Yun et al. 2019, arXiv:1905.04899",
        callback="mixing.MixUntil",
    ),
    Option(  # after what says whether images are mixed
        name="smooth", kind="text", complaint=_smooth,
        help="label smoothing that falls over the run, such as 0.1:0.0",
        details="label smoothing, such as `0.1:0.0`: from the first number in the run's first "
        "epoch to the second in its last",
        source="Szegedy et al. 2016, arXiv:1512.00567",
        callback="smoothing.LabelSmoothing",
    ),
    Option(
        name="clip", kind="number", above=0.0,
        help="largest norm of the gradient",
        details="a gradient that is longer is shortened to this norm",
        source="Pascanu et al. 2013, arXiv:1211.5063",
        callback="clip.GradientClipping",
    ),
    Option(  # after what changes the loss in validation
        name="ema", kind="number", above=0.0, below=1.0,
        help="decay of a moving average of the weights, such as 0.999",
        details="decay of a moving average of the weights and of batch norm's statistics, "
        "measured every epoch beside the weights",
        source="Polyak and Juditsky 1992; `torch.optim.swa_utils`",
        callback="ema.WeightAverage",
    ),
    Option(
        name="patience", kind="whole", least=1,
        help="stop after so many epochs without a better --monitor",
        details="ends the run after so many epochs in which the monitor got no better",
        source="Prechelt 1998",
        callback="early_stopping.EarlyStopping",
    ),
    Option(
        name="min_delta", kind="number", default=0.0, least=0.0,
        help="how much better is better, for --patience; 0 by default",
        complaint=_needs("patience", "add --patience N as well"),
    ),
    Option(
        name="log", kind="text",
        help="an Accelerate tracker: tensorboard, wandb, mlflow, ...",
    ),
    Option(
        name="save", kind="text",
        help="save the model by this name, as safetensors with a card",
    ),
)  # fmt: skip
"""All options, in the order of the manual."""

RUN_OPTIONS = tuple(option for option in OPTIONS if not option.found)
"""Those that are no objects found in the notebook: what a run is asked for beside its objects."""

BY_NAME = {option.name: option for option in OPTIONS}
