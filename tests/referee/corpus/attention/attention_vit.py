"""A small vision transformer."""

import torchvision
from referee_corpus.base import kit

EXPECTED = {"attention": 1, "layer-norm": 1, "residual": 1}


def build():
    return kit(model=torchvision.models.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=10))
