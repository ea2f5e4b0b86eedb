"""Limits that a live figure and its static twin share."""

MAX_LIVE = 25
"""A confusion matrix of more classes is only a picture: the browser would draw each cell."""

NUMBERED = 12
"""Up to this many classes, a confusion matrix has its counts written in."""

INSIDE = 0.3
"""Above this accuracy a bar has room for its number; beside a bar near 1 it would be cut off."""
