"""A loader whose __iter__ multiplies the rate by 0.9: once an epoch."""

from referee_corpus.base import kit, train

EXPECTED = {"learning-rate-decay"}
ALSO = {"learning-rate-schedule"}


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
