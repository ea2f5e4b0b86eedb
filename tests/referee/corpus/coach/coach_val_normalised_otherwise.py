"""Validation normalised by other numbers than training."""

from referee_corpus.base import kit, train, val
from torchvision.transforms import v2

FINDINGS = {"input-range"}


def build():
    return kit(
        train_loader=train(v2.Normalize([0.5] * 3, [0.5] * 3)),
        val_loader=val(v2.Normalize([0.5] * 3, [0.05] * 3)),
    )
