"""Images outside the usual range, or not normalised alike."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "input-range"
LARGE = 30.0
APART = 1.0
WIDER = 2.5


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    train = facts.train
    if train is None or not train.image_shape or train.not_finite:
        return None
    if train.image_dtype == "uint8":
        return Finding(
            CODE,
            "error",
            "train_loader hands out uint8 images, and layers take floats",
            "end the transform with v2.ToDtype(torch.float32, scale=True)",
        )
    if train.high > LARGE:
        return Finding(
            CODE,
            "warning",
            f"images reach from {train.low:.3g} to {train.high:.3g}: with such values training is "
            "slow or diverges",
            "bring them to [0, 1]: v2.ToDtype(torch.float32, scale=True), or divide by 255",
        )
    return _unnormalised(facts) or _differs(facts)


def _unnormalised(facts: Facts) -> Finding | None:
    """Return the finding if a trained model lacks the normalisation of its images."""
    if facts.start is None or facts.start.unnormalised is None or facts.train is None:
        return None
    mean, std = (list(values) for values in facts.start.unnormalised)
    return Finding(
        CODE,
        "warning",
        "the model was trained on normalised images, as its batch norm shows; these, in [0, 1], "
        f"have mean {facts.train.mean} and standard deviation {facts.train.std}",
        f"end both transforms with v2.Normalize(mean={mean}, std={std})",
    )


def _differs(facts: Facts) -> Finding | None:
    """Return the finding if validation and training images are normalised differently."""
    train, val = facts.train, facts.val
    if train is None or val is None or not train.mean or len(train.mean) != len(val.mean):
        return None
    apart = max(
        abs(a - b) / max(s, t, 1e-6)
        for a, b, s, t in zip(train.mean, val.mean, train.std, val.std, strict=True)
    )
    wider = max(max(s, t) / max(min(s, t), 1e-6) for s, t in zip(train.std, val.std, strict=True))
    if apart < APART and wider < WIDER:
        return None
    return Finding(
        CODE,
        "warning",
        f"training images have mean {train.mean} and standard deviation {train.std}, validation "
        f"images {val.mean} and {val.std}: they are not normalised alike",
        "use the same v2.Normalize in both transforms",
    )
