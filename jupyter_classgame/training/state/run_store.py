"""The store of runs: a folder a run, with its last and its best checkpoint, on a bounded disk."""

import hashlib
import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_classgame.training.state import file_lock
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError

LONGEST = 100
"""Most bytes of a name that stand in a folder's name."""

FACTS, LOCK, EPOCH = "run.json", "lock", "epoch-"


def folder_name(name: str) -> str:
    """Give a folder's name for any text, in any script: readable, safe, and another for another.

    Letters and digits stay; eight digits of a digest tell apart what else would be the same.
    """
    text = unicodedata.normalize("NFC", name)
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)
    readable = kept.encode()[:LONGEST].decode(errors="ignore").strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{readable}-{digest}" if readable else digest


class RunStore:
    """All runs of all teams on one disk.

    Parameters
    ----------
    root
        The folder of the store; it may not exist yet.
    cap
        Most bytes of all runs together. The oldest runs' go first; those of runs under way stay.
    """

    def __init__(self, root: Path, cap: int) -> None:
        self.root, self.cap = root, cap

    def runs(self, team: str, pack: str) -> list["RunFolder"]:
        """List a team's runs of a pack that are here, in any order."""
        game = self.root / folder_name(team) / folder_name(pack)
        return [RunFolder(path) for path in _folders(game)]

    def run(self, team: str, pack: str, name: str) -> "RunFolder":
        """Give the folder of a run; it may not exist yet."""
        return RunFolder(self.root / folder_name(team) / folder_name(pack) / name)

    def prune(self, current: "RunFolder") -> int:
        """Remove the oldest runs' files until all fit; the current run's are never removed.

        Returns
        -------
        int
            Bytes that are still too many: those of runs under way stay.
        """
        folders = [
            RunFolder(run)
            for team in _folders(self.root)
            for game in _folders(team)
            for run in _folders(game)
        ]
        sizes = {folder: folder.size() for folder in folders}
        total = sum(sizes.values())
        for folder in sorted(folders, key=RunFolder.touched):
            if total <= self.cap:
                break
            if folder.path != current.path and not folder.alive:
                folder.remove()
                total -= sizes[folder]
        return max(0, total - self.cap)


class RunFolder:
    """The files of one run: ``epoch-N.safetensors`` of its last epoch and of its best."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The folder's own name: the run's number, or more where no ledger counts."""
        return self.path.name

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the run: ``started``, ``label``, ``ended`` once it has."""
        try:
            facts = json.loads((self.path / FACTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    @property
    def alive(self) -> bool:
        """Whether the run is under way, in this or another process."""
        return file_lock.taken(self.path / LOCK)

    def open(self, facts: dict[str, Any], *, anew: bool) -> None:
        """Begin to write here, ``anew`` without what an earlier run has left.

        Raises
        ------
        CheckpointError
            The folder cannot be written, or another process writes here.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not file_lock.take(self.path / LOCK):
                raise CheckpointError(f"another run writes its checkpoints to {self.path}")
            for path in self.path.iterdir():
                if path.suffix == ".tmp" or (anew and path.name != LOCK):
                    path.unlink()
            self._note(facts)
        except OSError as error:
            file_lock.release(self.path / LOCK)
            raise CheckpointError(f"{self.path} cannot be written: {error}") from error

    def write(self, checkpoint: Checkpoint, epoch: int, best: int) -> None:
        """Write an epoch's checkpoint; of the others only the best epoch's is left.

        Raises
        ------
        CheckpointError
            It cannot be written; the one before is still there.
        """
        checkpoint.write(self._file(epoch))
        for other in self.epochs():
            if other not in (epoch, best):
                with suppress(OSError):
                    self._file(other).unlink()

    def epochs(self) -> list[int]:
        """List the epochs whose checkpoints are here, the last first."""
        found = self.path.glob(f"{EPOCH}*.safetensors")
        numbers = (path.stem.removeprefix(EPOCH) for path in found)
        return sorted((int(number) for number in numbers if number.isdecimal()), reverse=True)

    def read(self, epoch: int) -> Checkpoint:
        """Read an epoch's checkpoint.

        Raises
        ------
        CheckpointError
            It is not here or cannot be read.
        """
        return Checkpoint.read(self._file(epoch))

    def last(self) -> Checkpoint | None:
        """Read the last epoch's checkpoint that can be read; None where there is none at all.

        Raises
        ------
        CheckpointError
            There are some and none can be read.
        """
        broken: CheckpointError | None = None
        for epoch in self.epochs():
            try:
                return self.read(epoch)
            except CheckpointError as error:
                broken = broken or error
        if broken is not None:
            raise broken
        return None

    def close(self, ended: str) -> None:
        """Note how the run ended, and let others write here."""
        if not self.path.is_dir():
            return
        with suppress(OSError):
            self._note({**self.facts, "ended": ended})
        file_lock.release(self.path / LOCK)

    def size(self) -> int:
        """Add up the bytes of the files."""
        return sum(stat.st_size for stat in self._stats())

    def touched(self) -> float:
        """Give the moment of the last change, in seconds."""
        return max((stat.st_mtime for stat in self._stats()), default=0.0)

    def remove(self) -> None:
        """Remove the folder, as far as that is possible."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _stats(self) -> Iterator[os.stat_result]:
        with suppress(OSError):
            for path in self.path.iterdir():
                with suppress(OSError):
                    yield path.stat()

    def _file(self, epoch: int) -> Path:
        return self.path / f"{EPOCH}{epoch:06}.safetensors"

    def _note(self, facts: dict[str, Any]) -> None:
        draft = self.path / f".{FACTS}.tmp"
        draft.write_text(json.dumps(facts), encoding="utf-8")
        draft.replace(self.path / FACTS)


def _folders(path: Path) -> list[Path]:
    try:
        return [each for each in path.iterdir() if each.is_dir()]
    except OSError:
        return []
