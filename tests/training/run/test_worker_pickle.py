"""A loader whose workers could not find what they are sent is refused before a run."""

import multiprocessing
import sys
import types
from functools import partial

import pytest
import torch
from helpers.models import loader
from torch.utils.data import DataLoader, TensorDataset, default_collate

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.run.checks.object_checks import check_loader


class Speckle(TensorDataset):
    """Stands for a class of a cell, when its module is the notebook's."""


class Held(TensorDataset):
    """A dataset with something in it."""

    def __init__(self, held, *tensors):
        super().__init__(*tensors)
        self.held = held


def turned(batch, by):
    return default_collate(batch)


def within():
    def collate(batch):
        return default_collate(batch)

    return collate


IMAGES = torch.zeros(8, 3, 4, 4), torch.zeros(8, dtype=torch.long)
PLAIN = TensorDataset(*IMAGES)


@pytest.fixture
def notebook(monkeypatch):
    """A main module that is no script, as a kernel's, with a class of a cell in it."""
    main = types.ModuleType("__main__")
    main.Speckle = Speckle
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(Speckle, "__module__", "__main__")


def made(dataset=PLAIN, context="spawn", **options):
    return DataLoader(
        dataset, 4, **{"num_workers": 1, "multiprocessing_context": context, **options}
    )


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: made(Speckle(*IMAGES)), "its workers cannot find Speckle, a class of a cell"),
        (
            lambda: made(Held([Speckle(*IMAGES)], *IMAGES), "forkserver"),
            "its workers cannot find Speckle, a class of a cell",
        ),
        (lambda: made(collate_fn=lambda batch: batch), "a lambda cannot be sent to its workers"),
        (lambda: made(worker_init_fn=partial(lambda a, b: None, 1)), "a lambda cannot be sent"),
        (lambda: made(collate_fn=within()), "collate, made within a function, cannot be sent"),
        (lambda: made(Held((i for i in "ab"), *IMAGES)), "cannot pickle 'generator' object"),
        (
            lambda: made(Speckle(*IMAGES), multiprocessing.get_context("spawn")),
            "its workers cannot find Speckle",
        ),
    ],
)
def test_what_workers_could_not_find_is_told_in_one_line(build, told):
    with pytest.raises(TrainingError, match=f"^val_loader: .*{told}") as error:
        check_loader(build(), "val_loader")
    assert "num_workers=0" in error.value.advice
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize(
    "build",
    [
        made,
        lambda: made(collate_fn=partial(turned, by=2)),
        lambda: made(Speckle(*IMAGES), "fork"),
        lambda: made(Speckle(*IMAGES), None, num_workers=0),
        lambda: made(collate_fn=lambda batch: batch, context=None),
        loader,
    ],
)
def test_what_they_find_is_let_pass(build):
    check_loader(build(), "train_loader")


def test_what_a_script_defines_is_found_by_running_it_again(monkeypatch):
    monkeypatch.setattr(Speckle, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "Speckle", Speckle, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    check_loader(made(Speckle(*IMAGES)), "train_loader")


@pytest.mark.usefixtures("notebook")
def test_the_start_method_of_the_process_counts_and_is_not_settled_by_asking(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none: "spawn")
    with pytest.raises(TrainingError, match="cannot find Speckle"):
        check_loader(made(Speckle(*IMAGES), None), "train_loader")
