"""The model itself scales its input."""

from referee_corpus.base import Net, kit


class Scaled(Net):
    def forward(self, x):
        return super().forward((x - 0.5) * 4)


def build():
    return kit(model=Scaled())
