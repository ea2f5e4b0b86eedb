"""How the training of a run came to its end: as it should, or by an error."""

from dataclasses import dataclass

from jupyter_classgame.events import StoppedBy


@dataclass(frozen=True)
class Ending:
    """How the epochs of a run came to their end.

    Attributes
    ----------
    stopped_by, message
        As a history has them.
    epochs_begun
        Epochs of which a step was taken, where the run was brought to its end elsewhere: its
        callbacks have ended there, and the best weights are in the model. None: all that is left
        to do here.
    """

    stopped_by: StoppedBy
    message: str
    epochs_begun: int | None = None


@dataclass(frozen=True)
class Failure:
    """What an error means for a run.

    Attributes
    ----------
    stopped_by, message
        As a history has them.
    goes_back
        Whether the objects are put back to their state after the last good epoch.
    advice
        What to do about it; empty where there is nothing to say.
    raised
        What the user gets to see; None where the message says it all.
    """

    stopped_by: StoppedBy
    message: str
    goes_back: bool = True
    advice: str = ""
    raised: BaseException | None = None
