"""What was observed: plain data, gathered by :func:`observe`, read by detectors and the coach."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Effect:
    """Something random or unusual that happens to images on their way.

    Attributes
    ----------
    kind
        A technique's name.
    share
        Share of draws in which it was seen, 0 to 1.
    text
        What was measured.
    where
        The transform that does it, when that could be told; else empty.
    """

    kind: str
    share: float
    text: str
    where: str = ""

    def evidence(self) -> str:
        """One line: the transform first, where it is known."""
        return f"{self.where}: {self.text}" if self.where else self.text


@dataclass
class DataFacts:
    """What a loader hands out."""

    effects: dict[str, Effect] = field(default_factory=dict)
    random: bool = False
    reached: bool = True
    batch_sizes: tuple[int, ...] = ()
    indices: int | None = None
    distinct: int | None = None
    size: int | None = None
    shuffled: bool | None = None
    weighted: str = ""
    image_shape: tuple[int, ...] = ()
    image_dtype: str = ""
    low: float = 0.0
    high: float = 1.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    target_shape: tuple[int, ...] = ()
    target_dtype: str = ""
    target_kind: str = ""
    target_low: float = 0.0
    target_high: float = 0.0
    label_counts: dict[int, int] = field(default_factory=dict)
    sample: Any = None
    smoothing: float = 0.0
    endless: bool = False
    one_shot: bool = False
    to_tensor_twice: bool = False
    not_finite: str = ""
    spoilt_by: str = ""
    order: tuple[int, ...] = ()


@dataclass
class ModelFacts:
    """What runs in a training pass and in an evaluation pass."""

    convolutions: int = 0
    depth_text: str = ""
    members: int = 1
    runs: dict[str, tuple[int, str]] = field(default_factory=dict)
    outputs: tuple[int, ...] = ()
    output_kind: str = "logits"
    parameters: int = 0
    trainable: int = 0
    random_in_training: bool = False
    unexplained: bool = False
    parallel: str = ""
    effects: dict[str, Effect] = field(default_factory=dict)
    batch_norm_on_vectors: bool = False
    needs_batch: bool = False
    strays: int = 0


@dataclass
class OptimizerFacts:
    """What the optimizer holds and what its steps do."""

    kind: str = ""
    maker: str = ""
    lr: float = 0.0
    held: int = 0
    of_model: int = 0
    missing: tuple[str, ...] = ()
    foreign: int = 0
    stale: bool = False
    momentum: str = ""
    decay: str = ""
    adaptive: str = ""
    clipping: str = ""
    moved_lr: str = ""
    hooks: str = ""
    ema: str = ""
    owner: str = ""
    unfused: bool = False


@dataclass
class ScheduleFacts:
    """What a scheduler does to the learning rate: ``"decay"``, ``"schedule"`` or nothing."""

    kind: str = ""
    text: str = ""
    other_optimizer: bool = False
    stepped: tuple[tuple[str, str], ...] = ()


@dataclass
class CriterionFacts:
    """What the loss does."""

    name: str = "CrossEntropyLoss"
    weights: str = ""
    smoothing: float = 0.0
    penalty: str = ""
    softmaxes_itself: bool = False
    softmaxes_twice: bool = False
    endless: bool = False
    takes_targets: bool = True
    complaint: str = ""
    random: bool = False


@dataclass
class ImageFacts:
    """Which images can be reached, and where else they stand."""

    distinct: int | None = None
    allowance: int | None = None
    text: str = ""
    shared: int = 0
    shared_text: str = ""
    hidden: int = 0
    hidden_text: str = ""


@dataclass
class StartFacts:
    """What the model can do before its first step."""

    accuracy: float | None = None
    images: int = 0
    chance: float = 0.0
    above_chance: bool = False
    smooth_filters: str = ""
    unnormalised: tuple[tuple[float, ...], tuple[float, ...]] | None = None


@dataclass
class StepsFacts:
    """The losses of the first steps, taken on a copy."""

    losses: tuple[float, ...] = ()
    lr: float = 0.0
    moved: tuple[float, ...] = ()
    verdict: str = ""
    lr_changed: str = ""
    detached: bool = False
    factor: float = 1.0
    summed: bool = False


@dataclass
class Facts:
    """Everything that was observed.

    Attributes
    ----------
    then
        The optimizer that takes over during the run, where there is one.
    options
        By technique: the option of the run that puts it into use.
    called
        By part, such as ``"model"``: what the player calls it; empty where it has no name.
    model_class
        What the model's class is called.
    voting
        The model is an ensemble.
    unobserved
        By subject: why it could not be seen, one line each.
    """

    train: DataFacts | None = None
    val: DataFacts | None = None
    model: ModelFacts | None = None
    optimizer: OptimizerFacts | None = None
    then: OptimizerFacts | None = None
    schedule: ScheduleFacts | None = None
    criterion: CriterionFacts | None = None
    images: ImageFacts | None = None
    start: StartFacts | None = None
    steps: StepsFacts | None = None
    classes: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    model_class: str = ""
    voting: bool = False
    unobserved: dict[str, str] = field(default_factory=dict)

    @property
    def optimizers(self) -> dict[str, OptimizerFacts]:
        """The optimizers that were observed, by what a player calls them."""
        both = {"optimizer": self.optimizer, "--then": self.then}
        return {name: facts for name, facts in both.items() if facts is not None}
