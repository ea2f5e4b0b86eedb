"""A disk that has no room."""

import resource
from contextlib import contextmanager


@contextmanager
def full_disk():
    """Let no file be written inside, which is the same for root too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
