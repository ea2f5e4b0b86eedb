"""What the look before a run lets an audit expect."""

from dataclasses import dataclass

from jupyter_classgame.referee.facts import Facts


@dataclass(frozen=True)
class Expectations:
    """What is to stay so for the whole of a run.

    Attributes
    ----------
    images
        How many different images there are to train on, or may be; None where they are changed at
        random, or how many there are is not known.
    validation
        How many images there are to validate on; None in the same cases.
    changes_images
        The model itself changes images in training.
    steady
        Its passes in training are alike.
    classes
        How many scores the model gives.
    shaped
        Something that may be owned was seen to shape the steps: decay, momentum, adaptive steps,
        clipping or an average.
    clipped
        It was clipping, which takes part in some steps only.
    """

    images: int | None = None
    validation: int | None = None
    changes_images: bool = False
    steady: bool = False
    classes: int | None = None
    shaped: bool = False
    clipped: bool = False

    @classmethod
    def of(cls, facts: Facts) -> "Expectations":
        """Read the facts that were observed before a run."""
        train, val, model = facts.train, facts.val, facts.model
        validation = None
        if val is not None and val.reached and not val.random and not val.effects:
            validation = val.size
        images = None
        if train is not None and facts.images is not None:
            steady = train.reached and not train.random and not train.effects
            distinct, allowed = facts.images.distinct, facts.images.allowance or 0
            images = None if not steady or distinct is None else max(distinct, allowed)
        changes = model is None or bool(model.effects) or "noise" in model.runs
        classes = model.outputs[-1] if model is not None and len(model.outputs) > 1 else None
        steady = model is not None and not model.random_in_training
        step = facts.optimizer
        seen = step and (step.decay or step.momentum or step.adaptive or step.clipping or step.ema)
        clipped = step is not None and bool(step.clipping)
        return cls(images, validation, changes, steady, classes, bool(seen), clipped)
