"""A forward that raises."""

from referee_corpus.base import Net, kit

FINDINGS = {"unreadable"}
UNKNOWN = True


class Broken(Net):
    def forward(self, x):
        return self.fc2(self.features(x))


def build():
    return kit(model=Broken())
