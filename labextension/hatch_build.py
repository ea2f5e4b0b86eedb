"""Build the JupyterLab extension while pip or hatch packs the Python package."""

# ruff: noqa: INP001
import re
import subprocess
from pathlib import Path
from shutil import which

from hatch_jupyter_builder.utils import is_stale, npm_builder

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parent
BUILT = ROOT / "jupyter_classgame" / "labextension"
NODE = (20, 19)


def build(target_name: str, version: str) -> None:
    """Build the extension with jlpm, unless there is a build that is as new as its sources.

    Parameters
    ----------
    target_name, version : str
        Hatch's names of what is packed ("wheel" or "sdist") and how ("standard" or "editable").

    Raises
    ------
    SystemExit
        If it cannot be built; the message is one line for the user of pip.

    Notes
    -----
    A source distribution holds the built extension, so installing one needs no Node.js.
    """
    unpacked_sdist = (ROOT / "PKG-INFO").exists()
    stale = any(is_stale(BUILT, SOURCES / part) for part in ("src", "style", "package.json"))
    if unpacked_sdist or not stale:
        return
    found = node_version()
    if found is None or found < NODE:
        needed, has = (".".join(map(str, v)) if v else "none" for v in (NODE, found))
        raise SystemExit(
            f"jupyter-classgame: its JupyterLab extension needs Node.js >= {needed} to be built, "
            f"found {has}: install it, or set SKIP_JUPYTER_BUILDER=1 to go without the extension."
        )
    try:
        npm_builder(target_name, version, path=str(SOURCES), npm=["jlpm"])
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"jupyter-classgame: building its JupyterLab extension failed (above is why): {error}"
        ) from None


def node_version() -> tuple[int, int] | None:
    """Return the major and minor version of Node.js on the path; None if there is none."""
    node = which("node")
    if node is None:
        return None
    reported = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.match(r"v(\d+)\.(\d+)", reported.stdout)
    return (int(version[1]), int(version[2])) if version else None
