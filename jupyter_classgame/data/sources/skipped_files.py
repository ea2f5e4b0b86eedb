"""What a game leaves out of a folder of images."""

from dataclasses import dataclass, field
from pathlib import Path

from jupyter_classgame.errors import shown


@dataclass
class SkippedFiles:
    """Files and folders that a game leaves out, reported before training."""

    others: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    loose: list[Path] = field(default_factory=list)
    nested: list[Path] = field(default_factory=list)
    unused: list[Path] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """Return a line for each kind: the count, the reason, and the first path."""
        kinds = (
            (self.others, "file", "not a picture by its name", "not pictures by their names"),
            (self.unread, "picture", "of a kind that is not read (convert it, for example to JPEG)",
             "of a kind that is not read (convert them, for example to JPEG)"),
            (self.loose, "picture", "in no class folder", "in no class folder"),
            (self.nested, "folder", "inside a class folder", "inside class folders"),
            (self.unused, "folder", "not a split of this game", "not splits of this game"),
        )  # fmt: skip
        return tuple(
            f"1 {what} skipped: {one}: {shown(str(paths[0]))}"
            if len(paths) == 1
            else f"{len(paths):,} {what}s skipped: {many}, the first is {shown(str(paths[0]))}"
            for paths, what, one, many in kinds
            if paths
        )
