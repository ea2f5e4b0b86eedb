"""A backbone that was trained on normalised images elsewhere, and such images here."""

from referee_corpus import load
from referee_corpus.base import kit, train, val

EXPECTED = {"batch-norm"}
ALSO = {"pretrained"}
BACKBONE = "coach_backbone_unnormalised"


def build():
    import sys

    load(BACKBONE)
    other = sys.modules[f"referee_corpus.{BACKBONE}"]
    return kit(
        model=other.trained(), train_loader=train(other.NORMAL), val_loader=val(other.NORMAL)
    )
