"""The name of the user."""

import getpass
import os


def user_name() -> str:
    """Return the name of the Hub user or else of the system user, which may be a number."""
    if hub_user := os.environ.get("JUPYTERHUB_USER"):
        return hub_user
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"user-{os.getuid()}" if hasattr(os, "getuid") else "player"
