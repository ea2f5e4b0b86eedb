"""Words of messages."""


def counted(number: int, noun: str) -> str:
    """Write a number of things: ``1 epoch``, ``2 epochs``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def unvalidated(monitor: str) -> str:
    """Say by what an epoch is the best where nothing is validated; empty where something is.

    It stands after the words that call an epoch the best.
    """
    number = {"train_acc": "accuracy", "train_loss": "loss"}.get(monitor)
    return f" by training {number}" if number else ""
