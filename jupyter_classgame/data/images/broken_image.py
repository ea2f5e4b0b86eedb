"""The error of a picture that cannot be read."""


class BrokenImageError(ValueError):
    """A picture cannot be read; the message is the reason, without the picture's name."""
