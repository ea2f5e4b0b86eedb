import gc
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch

from jupyter_classgame.data import temporary_folder
from jupyter_classgame.data.feed.partition import Partition
from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.data.images.mapped_pixels import mapped_file, open_mapped
from jupyter_classgame.training.launch.processes.run_pickle import Pickler, Unpickler


def images(count=50, size=32):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, 3, size, size), generator=generator, dtype=torch.uint8)
    return ResidentImages(pixels, np.arange(count) % 3)


def test_pixels_are_mapped_and_not_copied():
    source = images(count=500)
    blob = io.BytesIO()
    Pickler(blob).dump(source)
    assert len(blob.getvalue()) < source.pixels.nbytes / 10
    blob.seek(0)
    again = Unpickler(blob).load()
    assert torch.equal(again.pixels, source.pixels)
    assert np.array_equal(again.labels, source.labels)
    lines = Path("/proc/self/maps").read_text().splitlines()
    assert any(str(mapped_file(source)) in line for line in lines)


def test_the_file_is_written_once_and_goes_with_the_images():
    source = images()
    path = mapped_file(source)
    written = path.stat().st_mtime_ns
    assert mapped_file(source) == path
    assert path.stat().st_mtime_ns == written
    source.pixels[0] = 0
    other = mapped_file(source)
    assert other != path
    assert torch.equal(
        open_mapped(str(other), (50, 3, 32, 32), source.labels).pixels, source.pixels
    )
    del source
    gc.collect()
    assert not other.exists()
    assert not path.exists()


def test_the_images_themselves_are_in_memory_once():
    source = images()
    before, kept = source.pixels, source.pixels.clone()
    path = mapped_file(source)
    assert source.pixels is not before
    assert torch.equal(source.pixels, kept)
    with path.open("r+b") as file:  # a page of theirs is a page of the file
        file.write(bytes([255 - int(kept.flatten()[0])]))
    assert int(source.pixels.flatten()[0]) == 255 - int(kept.flatten()[0])


def test_what_is_written_to_a_mapped_copy_stays_there():
    source = images()
    copy = open_mapped(str(mapped_file(source)), (50, 3, 32, 32), source.labels)
    copy.pixels.zero_()
    again = open_mapped(str(mapped_file(source)), (50, 3, 32, 32), source.labels)
    assert torch.equal(again.pixels, source.pixels)


@pytest.mark.processes
def test_a_scratch_folder_goes_with_its_process_and_a_dead_ones_with_the_next():
    code = (
        "from jupyter_classgame.data.temporary_folder import scratch_folder\n"
        "import os, sys\nprint(scratch_folder())\nsys.stdout.flush()\n"
        "os._exit(0) if sys.argv[1] == 'killed' else None"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def folder(how):
        done = subprocess.run(
            [sys.executable, "-c", code, how], env=environment, capture_output=True, check=True
        )
        return Path(done.stdout.decode().strip())

    assert not folder("ended").exists()
    left = folder("killed")
    assert left.exists()
    temporary_folder._sweep(left.parent)
    assert not left.exists()
    assert temporary_folder.scratch_folder().exists()


def test_shares_make_up_the_batch():
    for whole in range(1, 20):
        for count in range(1, 6):
            shares = [Partition(rank, count).shard(whole) for rank in range(count)]
            own = [i for s in shares for i in range(s.first, s.last) if s.own]
            assert own == list(range(whole))
            assert all(s.whole == whole and s.last > s.first for s in shares)


GAME = """
import multiprocessing, os, sys
from multiprocessing.util import get_temp_dir
from jupyter_classgame import start_game
from jupyter_classgame.referee.isolation.fork import gather
start_game("digits", practice=True)
fork = multiprocessing.get_context("fork")
begun = fork.Process(target=lambda: print(get_temp_dir(), flush=True))
begun.start()
begun.join()
print(get_temp_dir(), flush=True)
seen = gather({"look": lambda: os.listdir(os.environ["TMPDIR"])}, limit=60)
print(*seen["look"], sep="\\n", flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), 9)
"""


@pytest.mark.processes
def test_a_game_leaves_nothing_in_the_temporary_folder():
    with tempfile.TemporaryDirectory() as short:  # a socket's path is

        def play(how):
            environment = os.environ | {"TMPDIR": short}
            return subprocess.run(
                [sys.executable, "-c", GAME, how],
                env=environment, stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip

        killed = play("killed")
        (left,) = Path(short).iterdir()  # one folder, and the next start knows whose it was
        assert killed.stdout.split() == [str(left), str(left), left.name]
        ended = play("ended")
        assert ended.returncode == 0
        assert ended.stdout.split()[-1] != left.name
        assert not list(Path(short).iterdir())
