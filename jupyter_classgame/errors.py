"""Exceptions for users' mistakes; each message is the one line that the user reads."""

import re
from collections.abc import Sequence

_BYTE = re.compile("[\udc80-\udcff]")
"""A byte of a file's name that is not UTF-8, as Python spells it: 0xdc00 and the byte."""


def shown(text: str) -> str:
    r"""Escape the bytes of a file's name that are not UTF-8, which no page or file could hold.

    The name ``b"caf\xe9"`` of an old archive is shown as ``caf\xe9``, in these seven characters.
    """
    text = _BYTE.sub(lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", text)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class ClassGameError(Exception):
    """A user's mistake; the message says what is wrong, where, and what to do next.

    Parameters
    ----------
    what
        The message, or its part before the advice.
    advice
        What to do next, if it is given separately.
    """

    def __init__(self, what: str = "", advice: str = "") -> None:
        what, advice = shown(what), shown(advice)
        super().__init__(f"{what}; {advice}" if advice else what)
        self.what, self.advice = what, advice

    def _render_traceback_(self) -> list[str]:
        """Return the line that IPython shows in place of a traceback."""
        return [f"{type(self).__name__}: {one_line(self)}"]


def one_line(error: BaseException) -> str:
    """Format an error's message as one line, without the traceback of a loader's worker."""
    text = str(error)
    if "Original Traceback" in text:
        text = text.strip().splitlines()[-1].partition(": ")[2]
    return " ".join(text.split())


class PackError(ClassGameError):
    """A pack cannot be read; the message names the file, the key and the reason."""


class OrderError(ClassGameError):
    """An order cannot be understood or carried out; nothing was bought or returned."""


class LedgerError(ClassGameError):
    """The ledger cannot be opened, or holds a different game than the one requested."""


class DataError(ClassGameError):
    """Images cannot be found, read or provided.

    Parameters
    ----------
    what, advice
        The message.
    files
        All files or folders that it is about, of which the message names a few.
    """

    def __init__(self, what: str = "", advice: str = "", *, files: Sequence[str] = ()) -> None:
        super().__init__(what, advice)
        self.files = tuple(files)


class TrainingError(ClassGameError):
    """A run cannot start or continue with the given objects."""


class UnpairedBatchError(TrainingError):
    """A loader gives something other than pairs of images and targets."""


class OptionError(TrainingError):
    """An option of a run has an invalid value; ``option`` is the option's name."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


class EvaluationError(ClassGameError):
    """A model or an ensemble cannot be scored."""


class ClassGameWarning(UserWarning):
    """A condition that will stop a run later, or that a player may not expect."""
