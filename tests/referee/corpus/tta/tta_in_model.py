"""In evaluation the model scores two views."""

from referee_corpus.base import Net, kit

EXPECTED = {"tta"}


class Views(Net):
    def forward(self, x):
        if self.training:
            return super().forward(x)
        return (super().forward(x) + super().forward(x.flip(-1))) / 2


def build():
    return kit(model=Views())
