"""The files that a game is refused for: a few in the message, all of them in a file beside it."""

from collections.abc import Sequence

from platformdirs import user_data_path

from jupyter_classgame.errors import DataError, shown

SHOWN = 3
"""Number of files that a message names."""

LIST = "refused-files.txt"


class FileList:
    """Files, or folders, of one message.

    Parameters
    ----------
    lines
        What is said of each, with its name.
    files
        Their names alone, if ``lines`` say more.
    """

    def __init__(self, lines: Sequence[str], files: Sequence[str] | None = None) -> None:
        self.lines = [" ".join(shown(line).split()) for line in lines]
        self.files = list(lines if files is None else files)

    def __str__(self) -> str:
        more = f" and {len(self.lines) - SHOWN:,} more" if len(self.lines) > SHOWN else ""
        return f"{', '.join(self.lines[:SHOWN])}{more}"

    def refusal(self, what: str, advice: str) -> DataError:
        """Return the error; where ``what`` names not all of the files, the advice says where to."""
        if len(self.lines) > SHOWN:
            advice += f" All {len(self.lines):,} are listed in {self._write()}"
        return DataError(what, advice, files=self.files)

    def _write(self) -> str:
        """Write the list into the user's data folder; return its path or, failing that, itself."""
        path = user_data_path("jupyter-classgame") / LIST
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        except OSError:
            return f"no file, as {path} cannot be written: {', '.join(self.lines)}"
        return str(path)
