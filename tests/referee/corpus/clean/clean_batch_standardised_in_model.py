"""The model standardises the images of a batch together before its first layer."""

from referee_corpus.base import Net, kit


class Whole(Net):
    def forward(self, x):
        x = (x - x.mean()) / (x.std() + 1e-5)
        return super().forward(x)


def build():
    return kit(model=Whole())
