import os
import threading
from pathlib import Path

import numpy as np
import pytest
from helpers.waiting import Clock, recorded_jobs, until
from PIL import Image

from jupyter_classgame.data.images import picture_decoder, picture_reader, refused_files
from jupyter_classgame.data.images.picture_reader import read_pictures
from jupyter_classgame.data.images.source_pictures import ArrayPictures, FilePictures
from jupyter_classgame.errors import DataError


def noise(count, seed=0):
    array = np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 3), np.uint8)
    return ArrayPictures(array, "noise")


def test_every_picture_lands_in_its_place():
    parts = [noise(70, 1), noise(5, 2)]
    for part, result in zip(parts, read_pictures(parts, (8, 8), keep=True), strict=True):
        assert (result.pixels == part.array.transpose(0, 3, 1, 2)).all()


def test_the_digest_is_of_content_and_order():
    pictures = noise(40)
    kept, checked, turned = (
        read_pictures([part], (8, 8), keep=keep)[0].digest
        for part, keep in (
            (pictures, True),
            (pictures, False),
            (pictures.take(np.arange(40)[::-1]), True),
        )
    )
    assert kept == checked != turned


def test_progress_comes_from_the_calling_thread_and_seldom(monkeypatch):
    monkeypatch.setattr(picture_reader, "time", Clock())
    calls = []
    read_pictures(
        [noise(5000)],
        (8, 8),
        keep=True,
        progress=lambda *numbers: calls.append((*numbers, threading.get_ident())),
    )
    done, total, threads = zip(*calls, strict=True)
    assert list(done) == sorted(set(done))
    assert done[-1] == 5000
    assert set(total) == {5000}
    assert set(threads) == {threading.get_ident()}
    assert len(calls) < 5000 / picture_reader.CHUNK


def test_all_broken_pictures_are_counted(tmp_path, draw):
    paths = [draw(tmp_path / f"{index}.png", index) for index in range(80)]
    paths[3].write_bytes(b"")
    paths[70].write_bytes(paths[0].read_bytes()[:40])
    paths[71].unlink()
    pictures = FilePictures([str(path) for path in paths])
    for keep in (True, False):
        with pytest.raises(DataError) as caught:
            read_pictures([noise(3), pictures], (8, 8), keep=keep)
        message = str(caught.value)
        assert message.startswith(f"3 images cannot be read: {paths[3]} (empty file), ")
        assert all(str(paths[index]) in message for index in (3, 70, 71))
        assert " more; " not in message
        assert "\n" not in message


def test_of_many_broken_pictures_three_are_named(tmp_path):
    paths = [str(tmp_path / f"{index}.png") for index in range(8)]
    with pytest.raises(DataError, match=r"^8 images cannot .* and 5 more; mend") as refused:
        read_pictures([FilePictures(paths)], (8, 8), keep=True)
    assert [path in str(refused.value) for path in paths] == [True] * 3 + [False] * 5


def test_all_broken_pictures_are_in_a_list(tmp_path, monkeypatch):
    paths = [str(tmp_path / f"{index}.png") for index in range(9)]
    with pytest.raises(DataError) as refused:
        read_pictures([FilePictures(paths)], (8, 8), keep=True)
    assert refused.value.files == tuple(paths)
    lines = Path(str(refused.value).partition("All 9 are listed in ")[2]).read_text().splitlines()
    assert [line.partition("\t") for line in lines] == [
        (path, "\t", "No such file or directory") for path in paths
    ]
    monkeypatch.setattr(refused_files, "user_data_path", lambda name: Path(os.devnull))
    with pytest.raises(DataError, match=r"cannot be written: .*0\.png .*8\.png "):
        read_pictures([FilePictures(paths)], (8, 8), keep=True)


def test_one_broken_picture_is_named(tmp_path):
    with pytest.raises(DataError, match=r"^1 image cannot be read: .*gone\.png \(No such file"):
        read_pictures([FilePictures([str(tmp_path / "gone.png")])], (8, 8), keep=True)


def test_a_bomb_is_one_line(tmp_path, draw, monkeypatch):
    path = draw(tmp_path / "bomb.png", size=(100, 100))
    monkeypatch.setattr(picture_decoder, "MAX_PIXELS", 2000)
    with pytest.raises(DataError, match=r"bomb\.png \(more than 2,000 pixels\)"):
        read_pictures([FilePictures([str(path)])], (8, 8), keep=True)


def test_a_large_picture_is_read_in_silence(tmp_path, draw, monkeypatch):
    path = draw(tmp_path / "large.png", (9, 9, 9), size=(60, 30))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)  # as other code may have set it
    result = read_pictures([FilePictures([str(path)])], (8, 8), keep=True)[0]
    assert (result.pixels == 9).all()
    assert Image.MAX_IMAGE_PIXELS == 20


def test_an_interrupt_stops_the_pass(monkeypatch):
    """Every thread has read its first pictures by then, and goes on once the others are dropped."""
    monkeypatch.setattr(picture_reader.processors, "usable", lambda: 2)
    started, jobs = [], recorded_jobs(monkeypatch, picture_reader)
    pictures = noise(100 * picture_reader.CHUNK)

    def slow(self, content, size):
        me = threading.get_ident()
        started.append(me)
        if started.count(me) > picture_reader.CHUNK:
            until(lambda: len(jobs) == 100 and jobs[-1].cancelled())
        return np.zeros((*size, 3), np.uint8)

    def interrupt(done, total):
        raise KeyboardInterrupt

    monkeypatch.setattr(ArrayPictures, "decode", slow)
    with pytest.raises(KeyboardInterrupt):
        read_pictures([pictures], (8, 8), keep=True, progress=interrupt)
    assert len(started) < len(pictures) / 2
    assert not any(thread.name.startswith("classgame-images") for thread in threading.enumerate())
