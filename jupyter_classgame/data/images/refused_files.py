"""The files that a game is refused for: a few in the message, all of them in a file beside it."""

from collections.abc import Sequence

from platformdirs import user_data_path

from jupyter_classgame.errors import DataError, shown

SHOWN = 3
"""Number of files that a message names."""

LIST = "refused-files.txt"


class FileList:
    """Files, folders, or other names of one message.

    Parameters
    ----------
    names
    reasons
        What is wrong with each, where that is not the same for all.
    """

    def __init__(self, names: Sequence[str], reasons: Sequence[str] = ()) -> None:
        self.names = tuple(names)
        self.reasons = reasons

    def __str__(self) -> str:
        return f"{', '.join(self._said()[:SHOWN])}{self._more()}"

    def refusal(self, what: str, advice: str, named: int = SHOWN) -> DataError:
        """Return the error; if ``what`` names fewer than all, the advice says where they are."""
        if len(self.names) > named:
            advice += f" All {len(self.names):,} are listed in {self._write()}"
        return DataError(what, advice, files=self.names)

    def _said(self, form: str = "{} ({})") -> list[str]:
        names = [" ".join(shown(name).splitlines()) for name in self.names]
        if not self.reasons:
            return names
        return [form.format(*each) for each in zip(names, self.reasons, strict=True)]

    def _more(self) -> str:
        rest = len(self.names) - SHOWN
        return f" and {rest:,} more" if rest > 0 else ""

    def _write(self) -> str:
        """Write the list into the user's data folder; return its path or, failing that, itself.

        A line has a name and, after a tab, the reason.
        """
        path = user_data_path("jupyter-classgame") / LIST
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(self._said("{}\t{}")) + "\n", encoding="utf-8")
        except OSError:
            return f"no file, as {path} cannot be written: {', '.join(self._said())}"
        return str(path)
