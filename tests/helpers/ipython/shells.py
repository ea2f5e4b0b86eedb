"""IPython shells that last as long as a test."""

import atexit
from contextlib import contextmanager

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@contextmanager
def a_shell():
    """Make IPython's shell anew; it is gone afterwards, with all that is in its namespace."""
    InteractiveShell.clear_instance()
    ip = InteractiveShell.instance(
        history_length=0, config=Config(HistoryManager={"enabled": False})
    )
    try:
        yield ip
    finally:
        InteractiveShell.clear_instance()
        atexit.unregister(ip.atexit_operations)
