"""Everything computed under no_grad but the optimizer holds all."""

import torch
from referee_corpus.base import Net, kit

FINDINGS = {"all-frozen"}
MAY_FIND = {"unreadable", "optimizer-partial"}


class Detached(Net):
    def forward(self, x):
        with torch.no_grad():
            return super().forward(x)


def build():
    return kit(model=Detached())
