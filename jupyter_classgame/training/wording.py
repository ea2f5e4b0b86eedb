"""Words of messages."""


def counted(number: int, noun: str) -> str:
    """Write a number of things: ``1 epoch``, ``2 epochs``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
