"""Who is playing."""

import getpass
import os


def user_name() -> str:
    """Give the Hub user's name, or else the system user's; a number where that has no name."""
    if hub_user := os.environ.get("JUPYTERHUB_USER"):
        return hub_user
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"user-{os.getuid()}" if hasattr(os, "getuid") else "player"
