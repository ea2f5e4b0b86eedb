"""Stacked parameters run by vmap over functional_call: three networks in one.

From outside it is one network with grouped layers.
"""

import copy

import torch
from referee_corpus.base import kit
from torch import nn
from torch.func import functional_call, stack_module_state


EXPECTED = {"ensembling"}


def small():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(512, 10)
    )


class Stacked(nn.Module):
    def __init__(self, count=3):
        super().__init__()
        members = [small() for _ in range(count)]
        params, _ = stack_module_state(members)
        self.names = list(params)
        self.stacked = nn.ParameterList([nn.Parameter(p.detach()) for p in params.values()])
        self.__dict__["skeleton"] = copy.deepcopy(members[0]).to("meta")

    def forward(self, x):
        params = dict(zip(self.names, self.stacked))
        scores = torch.func.vmap(lambda p: functional_call(self.skeleton, p, (x,)))(params)
        return scores.mean(0)


def build():
    return kit(model=Stacked())
