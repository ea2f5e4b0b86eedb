"""A model whose parameters were never made real."""

import torch
from referee_corpus.base import Net, kit

UNKNOWN = True
MAY_FIND = {"unreadable"}


def build():
    with torch.device("cpu"):
        model = Net()
    return kit(model=model.to("meta"))
