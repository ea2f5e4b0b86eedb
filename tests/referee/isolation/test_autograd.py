"""A process whose first backward pass was of a compiled model, whose children can take none."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes

PLAYED = """
import torch
from torch import nn
from jupyter_classgame.referee.isolation import fork

def stage():
    net = nn.Linear(2, 1)
    net(torch.ones(1, 2)).sum().backward()
    return float(net.weight.grad.sum())

compiled = torch.compile(nn.Linear(2, 1), backend="eager")
if {early}:
    compiled(torch.ones(1, 2)).sum().backward()
first = fork.gather({{"stage": stage}}, limit=60)["stage"]
compiled(torch.ones(1, 2)).sum().backward()
print(getattr(first, "cause", first), fork.gather({{"stage": stage}}, limit=60)["stage"])
"""


def test_it_is_looked_at_first_so_that_children_can_take_passes_afterwards():
    code = PLAYED.format(early=False)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2.0", "2.0"]


def test_where_it_was_too_late_the_cause_says_that_no_child_can():
    code = PLAYED.format(early=True)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("not in a child")
