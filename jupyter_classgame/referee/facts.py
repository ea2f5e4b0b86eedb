"""The facts about a run: plain data, measured by `observe`, read by the detectors and the coach."""

from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_classgame.referee.isolation.fork import Unobserved

OutputKind = Literal[
    "logits", "probabilities", "log-probabilities", "over the batch", "between 0 and 1"
]
"""What the scores of a model are, judged by their values."""

ScheduleKind = Literal["", "decay", "schedule"]
"""How a learning rate changes: not at all, only down by one factor, or in any other way."""

Mismatch = Literal["", "no-targets", "raised", "outputs", "loss"]
"""Why a criterion cannot be used: no targets, an error, outputs or a loss of another form."""

SUBJECTS = {
    "train": "the training data",
    "train effects": "what happens to training images",
    "mixing": "whether training images are mixed",
    "val": "the validation data",
    "val effects": "what happens to validation images",
    "images": "which images are trained on",
    "networks": "which networks are asked about images",
    "model": "the model and the criterion",
    "optimizer": "the optimizer",
    "then": "the optimizer that takes over",
    "schedule": "the learning-rate schedule",
    "later": "what loaders do later on",
    "steps": "the first steps",
}
"""What each stage of an observation looks at, as a player reads it; causes before effects."""


@dataclass(frozen=True)
class Unusable:
    """Why no run can take a loader's batches, and what to do.

    Attributes
    ----------
    what, advice
        As the error has them that a run would end with.
    unpaired
        They are no pairs of images and targets.
    """

    what: str
    advice: str
    unpaired: bool = False


@dataclass
class Effect:
    """A random or unusual change that is made to images.

    Attributes
    ----------
    kind
        The name of the technique.
    share
        Share of the draws in which it was seen, 0 to 1.
    text
        What was measured.
    where
        The transform that makes it; empty where that is unknown.
    """

    kind: str
    share: float
    text: str
    where: str = ""

    def evidence(self) -> str:
        """Describe the effect in one line, the transform first where it is known."""
        return f"{self.where}: {self.text}" if self.where else self.text


@dataclass
class DataFacts:
    """What a loader yields.

    Attributes
    ----------
    effects
        Changes of the images, by the name of the technique.
    random
        Whether any of them is random.
    reached
        Whether probe images come out of the loader.
    batch_sizes
        The sizes of the batches: the usual one, and that of the last if it is smaller.
    indices, distinct
        How many indices the sampler draws in an epoch, and how many different ones; None where
        there is no sampler or no end.
    size
        Length of the dataset; None where it has none.
    shuffled
        Whether the order changes; None where that is unknown.
    weighted
        Which images are drawn more often than others; empty where none are.
    image_shape, image_dtype
        Those of a batch of images.
    low, high
        The range of the pixels.
    mean, std
        By channel.
    target_shape, target_dtype
        Those of a batch of targets.
    target_kind
        ``"classes"``, ``"one-hot"``, ``"probabilities"``, ``"other"``, or empty without targets.
    target_low, target_high
        The range of the targets.
    label_counts
        How often each class occurs in the batches that were read.
    sample
        A few images.
    smoothing
        Label smoothing of the targets, 0 to 1.
    endless
        The sampler or the stream has no end.
    one_shot
        The loader can be iterated only once.
    to_tensor_twice
        The pixels were divided by 255 twice.
    not_finite
        What is not finite in the images: ``"NaN"`` or ``"infinite numbers"``.
    spoilt_by
        The transform without which the images are finite.
    unexplained
        What the targets are that neither labels nor smoothing or mixing of them make; empty where
        they are explained.
    asked
        Which network besides the model runs as images are fetched; empty for none.
    unusable
        Why no run can take the batches; None where one can.
    """

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
    unexplained: str = ""
    asked: str = ""
    unusable: Unusable | None = None
    one_shot: bool = False
    to_tensor_twice: bool = False
    not_finite: str = ""
    spoilt_by: str = ""


@dataclass
class ModelFacts:
    """What runs in a training pass and in an evaluation pass of a model.

    Attributes
    ----------
    convolutions
        How many convolutional layers lie on the longest path from the images to the scores.
    depth_text
        The same in words.
    members
        How many separate networks give the scores together.
    runs
        By technique: how often it runs in one pass, and what was seen of it.
    outputs
        Shape of the scores.
    output_kind
        What the scores are.
    parameters, trainable
        How many numbers the parameters hold, and how many of those require gradients.
    random_in_training
        Whether the scores of the same images differ between training passes.
    unexplained
        They do, and no technique that was seen accounts for it.
    parallel
        The class of the wrapper for several devices, if any.
    effects
        Changes that the model makes to images before its first layer, by technique.
    needs_batch
        A training pass of one image fails.
    strays
        How many tensors with weights run that ``model.parameters()`` does not list.
    unseen
        What of the model could not be followed; empty where all could.
    """

    convolutions: int = 0
    depth_text: str = ""
    members: int = 1
    runs: dict[str, tuple[int, str]] = field(default_factory=dict)
    outputs: tuple[int, ...] = ()
    output_kind: OutputKind = "logits"
    parameters: int = 0
    trainable: int = 0
    random_in_training: bool = False
    unexplained: bool = False
    parallel: str = ""
    effects: dict[str, Effect] = field(default_factory=dict)
    needs_batch: bool = False
    strays: int = 0
    unseen: str = ""


@dataclass
class OptimizerFacts:
    """What an optimizer holds and what its steps do.

    Attributes
    ----------
    kind, maker
        Name of its class, and how a cell calls it: ``"torch.optim.SGD"``.
    lr
        Learning rate of the first parameter group.
    held, of_model
        How many parameters it holds, and how many of those belong to the model.
    missing
        Names of the trainable parameters of the model that it does not hold.
    foreign
        How many of the parameters it holds belong to something else.
    stale
        Those have the shapes of the model's: they belong to an earlier copy of it.
    momentum, decay, adaptive, clipping
        Evidence of the technique; empty where it is not in use.
    moved_lr
        The learning rates, in percent, that its own steps lead through.
    ema
        Evidence of an average of past weights.
    owner
        The user's variable for the other model whose parameters it holds.
    unfused
        A GPU is available, and torch's fused implementation of the step is off.
    """

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
    ema: str = ""
    owner: str = ""
    unfused: bool = False


@dataclass
class ScheduleFacts:
    """What schedulers do to the learning rate.

    Attributes
    ----------
    kind, text
        What the scheduler of the run does, and the rates that it leads through.
    other_optimizer
        It belongs to an optimizer that is not part of the run.
    stepped
        The same for schedulers that the user's code has stepped before.
    """

    kind: ScheduleKind = ""
    text: str = ""
    other_optimizer: bool = False
    stepped: tuple[tuple[ScheduleKind, str], ...] = ()


@dataclass
class CriterionFacts:
    """What the loss function does.

    Attributes
    ----------
    name
        Its own name or that of its class.
    weights
        Evidence of class weights.
    smoothing
        Label smoothing, 0 to 1.
    penalty
        Evidence of a penalty on the weights of the model.
    beside
        What else it trains the model on, or which network it asks; empty for nothing.
    softmaxes_itself
        It applies a softmax to the outputs.
    softmaxes_twice
        It applies two.
    unbounded
        The loss falls without bound as the scores grow.
    mismatch, complaint
        Why it cannot be used on the outputs and the targets of the run, as a kind and in words;
        empty where it can.
    """

    name: str = "CrossEntropyLoss"
    weights: str = ""
    smoothing: float = 0.0
    penalty: str = ""
    beside: str = ""
    softmaxes_itself: bool = False
    softmaxes_twice: bool = False
    unbounded: bool = False
    mismatch: Mismatch = ""
    complaint: str = ""

    @property
    def takes_targets(self) -> bool:
        """Whether it gives one number for the outputs and the targets of the run."""
        return not self.mismatch


@dataclass
class ImageFacts:
    """How many images a run trains on, and which of them it must not.

    Attributes
    ----------
    distinct
        How many distinct images the training loader reaches; None where that is unknown.
    allowance
        How many the team may use; None for any number.
    text
        The first of these in words.
    shared, shared_text
        How many validation images are trained on.
    hidden, hidden_text
        How many of the hidden test images are trained on.
    foreign
        What shows that stored images are not the game's own; empty for nothing.
    """

    distinct: int | None = None
    allowance: int | None = None
    text: str = ""
    shared: int = 0
    shared_text: str = ""
    hidden: int = 0
    hidden_text: str = ""
    foreign: str = ""


@dataclass
class StartingWeightsFacts:
    """What the weights of a model show before the first step.

    Attributes
    ----------
    accuracy
        Share of `images` that are classified correctly, 0 to 1; None where none were scored.
    images
        How many images were scored.
    chance
        The accuracy of always naming the commonest class.
    above_chance
        The accuracy is higher than chance can explain.
    smooth_filters
        Evidence of trained convolution filters.
    learnt
        Evidence of layers that were trained together.
    unnormalised
        Mean and standard deviation, by channel, that the images should be normalised with.
    """

    accuracy: float | None = None
    images: int = 0
    chance: float = 0.0
    above_chance: bool = False
    smooth_filters: str = ""
    learnt: str = ""
    unnormalised: tuple[tuple[float, ...], tuple[float, ...]] | None = None


@dataclass
class FirstStepsFacts:
    """The losses of the first steps on one small batch.

    Attributes
    ----------
    losses
        Before each step.
    lr
        The learning rate they were taken at.
    verdict
        What is wrong with that rate: ``"diverges"``, ``"high"``, ``"low"``, ``"zero"``, or nothing.
    factor
        What the rate has to be multiplied by; 0 where no rate helps.
    lr_changed
        How the steps themselves change the learning rate.
    detached
        The loss depends on no parameter.
    summed
        The loss is a sum over the batch, not a mean.
    """

    losses: tuple[float, ...] = ()
    lr: float = 0.0
    verdict: Literal["", "diverges", "high", "low", "zero"] = ""
    lr_changed: str = ""
    detached: bool = False
    factor: float = 1.0
    summed: bool = False


@dataclass
class Facts:
    """Everything that was observed about a run.

    Attributes
    ----------
    train, val, model, optimizer, schedule, criterion, images, start, steps
        What was found out about each part; None where it is not part of the run or could not be
        observed.
    then
        The same for the optimizer that takes over during the run.
    classes
        How many classes the game has; where it does not say, the width of the scores.
    options
        By technique: the option of the run that puts it into use.
    names
        By part, such as ``"model"``: the user's variable for it; empty where there is none.
    model_class
        Name of the model's class.
    voting
        The model is an ensemble.
    later
        What loaders do in later epochs that no run may do, one line each.
    unobserved
        By stage, one of `SUBJECTS`: why it could not be observed.
    """

    train: DataFacts | None = None
    val: DataFacts | None = None
    model: ModelFacts | None = None
    optimizer: OptimizerFacts | None = None
    then: OptimizerFacts | None = None
    schedule: ScheduleFacts | None = None
    criterion: CriterionFacts | None = None
    images: ImageFacts | None = None
    start: StartingWeightsFacts | None = None
    steps: FirstStepsFacts | None = None
    classes: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    model_class: str = ""
    voting: bool = False
    later: list[str] = field(default_factory=list)
    unobserved: dict[str, Unobserved] = field(default_factory=dict)

    @property
    def optimizers(self) -> dict[str, OptimizerFacts]:
        """The optimizers that were observed, by the names that a player gives them."""
        both = {"optimizer": self.optimizer, "--then": self.then}
        return {name: facts for name, facts in both.items() if facts is not None}
