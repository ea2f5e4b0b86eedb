"""Training data without an end."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "endless-data"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.train is None:
        return None
    if facts.train.one_shot:
        return Finding(
            CODE,
            "error",
            "train_loader can be read once only: a second epoch would be empty",
            "build a torch.utils.data.DataLoader, or a class with __iter__",
        )
    if facts.train.endless:
        return Finding(
            CODE,
            "warning",
            "train_loader has no end in sight: an epoch would not end",
            "let it end after every image once; a sampler takes a length: "
            "RandomSampler(dataset, num_samples=...)",
        )
    return None
