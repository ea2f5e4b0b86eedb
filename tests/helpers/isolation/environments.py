"""Python environments with a prefix of their own, which see what the tests' own sees."""

import sys
import sysconfig
import venv
from pathlib import Path

import jupyter_classgame


def make_environment(folder):
    """Make one in a folder, with no packages of its own, and give its interpreter."""
    venv.create(folder, symlinks=True)
    paths = [str(Path(jupyter_classgame.__file__).parents[1]), sysconfig.get_paths()["purelib"]]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "lib" / version / "site-packages" / "others.pth").write_text("\n".join(paths))
    return folder / "bin" / "python"
