"""A loader wrapped for a progress bar and a timer."""

import time

from referee_corpus.base import kit, train


class Bar:
    def __init__(self, loader):
        self.loader = loader
        self.times = []

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        last = time.perf_counter()
        for i, batch in enumerate(self.loader):
            self.times.append(time.perf_counter() - last)
            if i % 50 == 49:
                print(f"\r{i + 1}/{len(self)}", end="")
            yield batch
            last = time.perf_counter()


def build():
    return kit(train_loader=Bar(train()))
