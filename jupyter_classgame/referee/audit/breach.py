"""What an audit found that does not fit what was observed before the run, or why it cannot be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """A difference between what was expected of a step and what was found.

    Attributes
    ----------
    what
        The kind of audit: ``"weights"``, ``"gradient"``, ``"loss"``, ``"step"``, ``"model"``,
        ``"images"`` or ``"validation"``.
    epoch, batch
        Where it was found, both from 1; a batch of 0 is the end of the epoch.
    expected, found
        In words.
    """

    what: str
    epoch: int
    batch: int
    expected: str
    found: str

    @property
    def text(self) -> str:
        """The whole of it in one line."""
        where = f"epoch {self.epoch}"
        where += f", batch {self.batch}" if self.batch else ", its end"
        return f"audit of {where}: {self.found}; expected: {self.expected}"


class UnauditableError(Exception):
    """A check is impossible here; the message says why, for the player."""
