"""A loader whose __iter__ multiplies the rate by 0.9: once an epoch.

Not told beforehand, since no whole epoch is read: the fourth change in a run is.
"""

from referee_corpus.base import kit, train


class Clock:
    def __init__(self, loader, optimizer):
        self.loader, self.optimizer = loader, optimizer

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        yield from self.loader
        for g in self.optimizer.param_groups:
            g["lr"] *= 0.9


def build():
    parts = kit()
    parts["train_loader"] = Clock(train(), parts["optimizer"])
    return parts
