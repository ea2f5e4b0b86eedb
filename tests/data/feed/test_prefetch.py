import threading
from concurrent.futures import wait

import pytest
import torch
from helpers.waiting import recorded_jobs

from jupyter_classgame.data import GameDataset, fast_loader_for, make_loader
from jupyter_classgame.data.feed import prefetch
from jupyter_classgame.errors import DataError

CPU = torch.device("cpu")


def decoders():
    return [t for t in threading.enumerate() if t.name.startswith("classgame-decoder")]


def test_decoding_stops_with_whoever_takes_the_batches(lazy):
    batches = fast_loader_for(make_loader(GameDataset.of(lazy, "train"), batch_size=4)).batches(
        CPU, 0, 1
    )
    next(batches)
    assert 1 <= len(decoders()) <= 2
    batches.close()
    assert decoders() == []


def test_decoding_is_not_too_far_ahead(lazy, monkeypatch):
    decoded, jobs = [], recorded_jobs(monkeypatch, prefetch)
    original = lazy.train._pixels
    monkeypatch.setattr(lazy.train, "_pixels", lambda index: decoded.append(1) or original(index))
    batches = fast_loader_for(make_loader(GameDataset.of(lazy, "train"), batch_size=4)).batches(
        CPU, 0, 1
    )
    next(batches)
    wait(jobs)  # all that is asked for until somebody takes the next batch
    assert len(decoded) == 4 * 4  # one is taken, three are ready
    batches.close()


def test_a_picture_that_went_missing_is_named_in_its_turn(lazy, tmp_path):
    data = GameDataset.of(lazy, "train")
    loader = make_loader(data, batch_size=4, shuffle=False)
    batches = fast_loader_for(loader).batches(CPU, 0, 1)
    gone = lazy.train.pictures.paths[len(data) - 1]
    next(batches)
    (tmp_path / gone).unlink()
    seen = []
    with pytest.raises(DataError, match=r"cannot be read: .*png"):
        seen.extend(batches)
    assert len(seen) == len(loader) - 2
    assert decoders() == []
