import multiprocessing
import os
import signal
import subprocess
import sys
import time
from itertools import count

import pytest
import torch
from helpers.waiting import until

from jupyter_classgame.training.state import file_lock
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError
from jupyter_classgame.training.state.run_store import RunFolder, RunStore, folder_name

MEBIBYTE = 1024**2


def checkpoint(epoch, floats=1000):
    return Checkpoint({"model.w": torch.full((floats,), float(epoch))}, {"epoch": epoch})


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs", 10 * MEBIBYTE)


@pytest.fixture
def folder(store):
    folder = store.run("red", "digits", "1")
    folder.open({"started": "then", "label": "model"}, anew=True)
    yield folder
    folder.close("epochs")


@pytest.mark.parametrize(
    "name",
    ["red", "les élèves", "七年三班", "Ρόδα", "команда 1", "../../etc", "a/b\\c", "CON", ".", "..",
     "x" * 60, "日" * 60, "a:b*c?", "🙂", "-rf", "nul\x00", "é", "e\u0301"],
)  # fmt: skip
def test_a_teams_name_makes_a_safe_folder(tmp_path, name):
    made = folder_name(name)
    assert len(made.encode()) <= 120
    assert not set(made) & set('/\\:*?"<>|\x00. ')
    assert not made.startswith("-")
    (tmp_path / made).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [made]


def test_different_names_have_different_folders():
    names = ["a b", "a-b", "a/b", "A b", "", "..", "日" * 60, "日" * 61, "é", "e\u0301"]
    assert len({folder_name(name).casefold() for name in names}) == len(names)


def test_letters_of_any_script_stay_readable():
    assert folder_name("七年三班").startswith("七年三班-")


def test_the_last_and_the_best_epoch_are_kept(folder):
    for epoch, best in enumerate([1, 2, 2, 2, 5, 5], start=1):
        folder.write(checkpoint(epoch), epoch, best)
        assert folder.epochs() == sorted({epoch, best}, reverse=True)
        assert folder.last().facts == {"epoch": epoch}
    assert folder.read(5).tensors["model.w"][0] == 5


def test_a_damaged_file_gives_way_to_the_one_before(folder):
    folder.write(checkpoint(1), 1, 1)
    folder.write(checkpoint(2), 2, 1)
    (folder.path / "epoch-000002.safetensors").write_bytes(b"half of it")
    assert folder.last().facts == {"epoch": 1}
    (folder.path / "epoch-000001.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError, match="epoch-000002"):
        folder.last()


def test_an_empty_folder_has_no_last(folder):
    assert folder.last() is None


def test_beginning_anew_removes_what_an_older_ledgers_run_left(store, folder):
    folder.write(checkpoint(4), 4, 4)
    (folder.path / ".epoch-000005.safetensors.77.tmp").touch()
    folder.close("epochs")
    again = store.run("red", "digits", "1")
    again.open({"started": "now"}, anew=False)
    assert again.epochs() == [4]
    assert not list(again.path.glob(".*tmp"))
    again.close("")
    again.open({"started": "now"}, anew=True)
    assert again.epochs() == []
    assert again.facts == {"started": "now"}
    again.close("")


def test_how_a_run_ended_is_noted(store, folder):
    assert "ended" not in folder.facts
    folder.close("patience")
    assert folder.facts == {"started": "then", "label": "model", "ended": "patience"}
    assert [run.name for run in store.runs("red", "digits")] == ["1"]
    assert store.runs("blue", "digits") == []


def aged(store, number, age, floats=MEBIBYTE // 4):
    run = store.run("red", "digits", str(number))
    run.open({}, anew=True)
    run.write(checkpoint(1, floats), 1, 1)
    run.close("epochs")
    then = time.time() - age
    for path in run.path.iterdir():
        os.utime(path, (then, then))
    return run


def test_the_oldest_runs_go_first(tmp_path):
    store = RunStore(tmp_path, 3 * MEBIBYTE + 100_000)
    runs = [aged(store, number, 1000 - 10 * number) for number in range(1, 5)]
    other = store.run("blue", "cifar10", "1")
    other.open({}, anew=True)
    other.write(checkpoint(1, MEBIBYTE // 4), 1, 1)
    store.prune(other)
    assert [run.path.exists() for run in runs] == [False, False, True, True]
    assert other.epochs() == [1]
    other.close("epochs")


def test_the_current_runs_files_are_never_removed(tmp_path):
    store = RunStore(tmp_path, 1)
    run = aged(store, 1, 5000)
    store.prune(run)
    assert run.epochs() == [1]
    store.prune(aged(store, 2, 0))
    assert not run.path.exists()


@pytest.mark.processes
def test_a_run_under_way_elsewhere_is_left_alone(tmp_path):
    store = RunStore(tmp_path, 1)
    run = aged(store, 1, 5000)
    with holder(run):
        store.prune(aged(store, 2, 0))
        assert run.epochs() == [1]
    store.prune(aged(store, 3, 0))
    assert not run.path.exists()


class holder:  # noqa: N801 - a context manager
    """Another process that holds a run's lock until it is killed."""

    CODE = (
        "import sys, time, pathlib; from jupyter_classgame.training.state import file_lock;"
        "assert file_lock.take(pathlib.Path(sys.argv[1]));"
        "print('held', flush=True); time.sleep(600)"
    )

    def __init__(self, run):
        self.run = run

    def __enter__(self):
        lock = str(self.run.path / "lock")
        command = [sys.executable, "-c", self.CODE, lock]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "held\n"
        return self

    def __exit__(self, *_exception):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.mark.processes
def test_a_lock_ends_with_its_process(store):
    run = aged(store, 1, 0)
    with holder(run):
        assert run.alive
        assert run.alive  # looking does not unlock
        with pytest.raises(CheckpointError, match="another run writes"):
            run.open({}, anew=False)
    assert not run.alive
    run.open({}, anew=False)
    assert run.alive
    run.close("")
    assert not run.alive


@pytest.mark.processes
def test_looking_at_a_lock_of_ones_own_does_not_let_go_of_it(store):
    run = aged(store, 1, 0)
    run.open({}, anew=False)
    assert RunFolder(run.path).alive
    code = "import sys, pathlib; from jupyter_classgame.training.state import file_lock as locks; print(locks.taken(pathlib.Path(sys.argv[1])))"  # noqa: E501
    command = [sys.executable, "-c", code, str(run.path / "lock")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"
    run.close("")
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="cannot be written"):
        RunStore(tmp_path / "file", 10).run("red", "digits", "1").open({}, anew=True)


def test_locks_are_by_file(tmp_path):
    assert file_lock.take(tmp_path / "a")
    assert not file_lock.take(tmp_path / "a")
    assert file_lock.take(tmp_path / "b")
    file_lock.release(tmp_path / "a")
    assert file_lock.take(tmp_path / "a")
    file_lock.release(tmp_path / "a")
    file_lock.release(tmp_path / "b")


def write_for_ever(path, written):
    folder = RunFolder(path)
    folder.open({}, anew=False)
    for epoch in count(1):
        folder.write(checkpoint(epoch, 200_000), epoch, max(1, epoch // 3))
        written.value = epoch


@pytest.mark.processes
def test_a_kill_at_any_instant_leaves_a_checkpoint_that_can_be_read(store):
    """Six processes killed while they write as fast as they can."""
    context = multiprocessing.get_context("spawn")
    for number in range(6):
        folder = store.run("red", "digits", str(number))
        written = context.Value("i", lock=False)
        process = context.Process(target=write_for_ever, args=(folder.path, written))
        process.start()
        until(lambda written=written, number=number: written.value > number)  # somewhere in a write
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        for epoch in folder.epochs():
            read = folder.read(epoch)
            assert read.facts == {"epoch": epoch}
            assert bool((read.tensors["model.w"] == epoch).all())
        assert folder.last().facts["epoch"] == folder.epochs()[0]
        assert not folder.alive
        folder.open({}, anew=False)
        assert not list(folder.path.glob(".*tmp"))
        folder.close("")
