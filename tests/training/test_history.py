"""A history is numbers that can be kept: pickled, copied, saved with a model."""

import copy
import io
import pickle

import pytest
import torch
from helpers.models import model
from helpers.runs import quiet, request

from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run_control import RunControl


@pytest.fixture(scope="module")
def history():
    run = launch_run(request(model(), epochs=2), RunControl())
    run.history.compare_with((copy.copy(run.history),), [run.history])
    return run.execute(quiet)


def saved(history):
    """There and back with torch's own way, which reads nothing that could run code."""
    file = io.BytesIO()
    torch.save({"model": model().state_dict(), "history": history}, file)
    file.seek(0)
    return torch.load(file)["history"]


WAYS = {
    "pickle": lambda history: pickle.loads(pickle.dumps(history)),  # noqa: S301
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "torch.save": saved,
    "within a list": lambda history: copy.deepcopy([history])[0],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_numbers_come_back(history, way):
    again = way(history)
    assert again == history
    assert repr(again) == repr(history)
    assert again.frame().equals(history.frame())
    assert (again.running, again.wait(), again.earlier, list(again.others)) == (False, True, (), [])
    assert history.earlier  # it has what it had
    again.stop()


def test_a_run_under_way_gives_the_numbers_so_far():
    copies = []
    run = launch_run(request(model(), epochs=2), RunControl())

    def keep(event):
        copies.append(pickle.loads(pickle.dumps(run.history)))  # noqa: S301

    run.execute(keep)
    assert sorted({len(each) for each in copies}) == [0, 1, 2]
    assert copies[0].stopped_by is None
