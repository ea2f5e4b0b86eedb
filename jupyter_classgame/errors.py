"""What can go wrong through a user's mistake: the message is the one line they read."""


class ClassGameError(Exception):
    """A mistake that the user can mend; its message says what, where and what to do next.

    Parameters
    ----------
    what
        The message, or its part before the advice.
    advice
        What to do next, where it is to be told apart.
    """

    def __init__(self, what: str = "", advice: str = "") -> None:
        super().__init__(f"{what}; {advice}" if advice else what)
        self.what, self.advice = what, advice

    def _render_traceback_(self) -> list[str]:
        """Give IPython the one line to show in place of a traceback."""
        return [f"{type(self).__name__}: {one_line(self)}"]


def one_line(error: BaseException) -> str:
    """Put an error's message into one line, without the traceback a loader's worker adds."""
    text = str(error)
    if "Original Traceback" in text:
        text = text.strip().splitlines()[-1].partition(": ")[2]
    return " ".join(text.split())


class PackError(ClassGameError):
    """A pack cannot be read: the message names the file, the key and the reason."""


class OrderError(ClassGameError):
    """An order cannot be understood or carried out; nothing was bought or returned."""


class LedgerError(ClassGameError):
    """The ledger cannot be opened, or holds a different game than the one requested."""


class DataError(ClassGameError):
    """Images cannot be found, read or handed out."""


class TrainingError(ClassGameError):
    """A run cannot start or go on with the objects it was given."""


class OptionError(TrainingError):
    """The value of an option of a run cannot be used; ``option`` is its name."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


class EvaluationError(ClassGameError):
    """A model or an ensemble cannot be scored."""


class ClassGameWarning(UserWarning):
    """Something that will stop a run later, or is not as a player may think."""
