"""Things that behave as they do only in other processes, and runs on two."""

import os
import time

import torch
from torch import nn
from torch.utils.data import Dataset

from helpers.models import tensors
from helpers.runs import quiet, request
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run_control import RunControl


def rank():
    """The rank of this process, None in the test's own."""
    return int(os.environ["RANK"]) if os.environ.get("WORLD_SIZE") else None


def train_on(devices, *args, publish=quiet, control=None, **given):
    """Train a request as the helpers make it on these devices, and give its history."""
    made = request(*args, devices=devices, **given)
    return launch_run(made, control or RunControl()).execute(publish)


class Acting(Dataset):
    """Images, one of which makes a process of a rank do something, from an epoch's on."""

    def __init__(self, act, at=20, rank=1, count=96):
        self.images, self.labels = tensors(count)
        self.act, self.at, self.rank = act, at, rank
        self.given = 0

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        self.given += 1
        if self.given == self.at and rank() == self.rank:
            self.act()
        return self.images[index], self.labels[index]


def acting(act, **given):
    return torch.utils.data.DataLoader(Acting(act, **given), 16)


def fail():
    raise ValueError("the fifth image is broken")


def hang(seen=None):
    """Do nothing more; a file tells that this has begun."""
    if seen is not None:
        seen.touch()
    time.sleep(3600)


class Slow(nn.Module):
    """A net that takes its time, so that a run can be steered."""

    def __init__(self, net, seconds=0.02):
        super().__init__()
        self.net, self.seconds = net, seconds

    def forward(self, x):
        time.sleep(self.seconds)
        return self.net(x)


class Gated(nn.Module):
    """A net whose steps after so many wait, in every process, until there is a file."""

    def __init__(self, net, steps, file):
        super().__init__()
        self.net, self.steps, self.file = net, steps, file
        self.begun = 0

    def forward(self, x):
        self.begun += self.training
        while self.begun > self.steps and not self.file.exists():
            time.sleep(0.01)
        return self.net(x)
