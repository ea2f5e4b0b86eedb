"""Install the magics for all kernels by a block in IPython's configuration.

For every kernel of an environment IPython reads ``ipython_config.py`` of ``sys.prefix/etc/ipython``
and then the one of the user's profile. The package adds a block between two marks to that file and
preserves every other byte of it.
"""

import os
import re
import stat
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.magics import NAMES

FILE = "ipython_config.py"

BEGIN = b"# >>> jupyter-classgame >>> "
END = b"# <<< jupyter-classgame <<<\n"
NEW = b"with this file"

_BLOCK = re.compile(
    rb"(?:%(begin)b%(new)b|\n%(begin)b(?!%(new)b)).*?%(end)b"
    % {b"begin": re.escape(BEGIN), b"new": NEW, b"end": END},
    re.DOTALL,
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class InstallError(ClassGameError):
    """The configuration cannot be written; nothing was changed."""


@dataclass(frozen=True)
class Defaults:
    """The defaults of a class that the configuration sets; empty ones are not set.

    Parameters
    ----------
    pack, rules, ledger
        ``ClassGame.pack``, ``.rules`` and ``.ledger_url``.
    ledger_variable, team_variable
        Environment variables that hold the ledger's URL and the team's name when a kernel starts.
    """

    pack: str = ""
    rules: str = ""
    ledger: str = ""
    ledger_variable: str = ""
    team_variable: str = ""

    def checked(self) -> "Defaults":
        """Validate the defaults and make paths absolute.

        Raises
        ------
        ClassGameError
            The pack does not exist, the rules are wrong, the URL is invalid or its driver is
            missing, or a variable's name is invalid.
        """
        from jupyter_classgame.config import ClassGame  # noqa: PLC0415 - not needed to uninstall
        from jupyter_classgame.packs import built_in_packs, load_pack  # noqa: PLC0415
        from jupyter_classgame.shop.storage.database import check_url  # noqa: PLC0415

        rules = str(Path(self.rules).expanduser().resolve()) if self.rules else ""
        pack = self.pack
        if pack.casefold() not in {"", *built_in_packs()} and Path(pack).expanduser().exists():
            pack = str(Path(pack).expanduser().resolve())
        loaded = load_pack(pack or ClassGame().pack, rules)
        if loaded.data is None:
            raise InstallError(
                f"--pack {pack}: it has rules for other packs, and no images to play with"
            )
        if self.ledger:
            check_url(self.ledger, shared=True)
        for name in (self.ledger_variable, self.team_variable):
            if name and not _VARIABLE.fullmatch(name):
                raise InstallError(f"{name[:40]!r} cannot be the name of an environment variable")
        return Defaults(pack, rules, self.ledger, self.ledger_variable, self.team_variable)

    def lines(self) -> list[str]:
        """Format the defaults as lines of a configuration file, in ASCII."""
        given = {"pack": self.pack, "rules": self.rules, "ledger_url": self.ledger}
        lines = [f"c.ClassGame.{name} = {value!a}" for name, value in given.items() if value]
        variables: Mapping[str, str] = {
            "ledger_url": self.ledger_variable,
            "team": self.team_variable,
        }
        taken = [
            f'c.ClassGame.{name} = os.environ.get({variable!a}, "")'
            for name, variable in variables.items()
            if variable
        ]
        imports = ["import os", ""] if taken else []
        return [*imports, "c = get_config()  # noqa: F821", *_lazy(), *lines, *taken]


def _lazy() -> list[str]:
    names = ", ".join(f'"{name}"' for name in NAMES)
    return [
        "c.MagicsManager.lazy_magics.update(",
        f'    dict.fromkeys(({names}), "jupyter_classgame")',
        ")",
    ]


def config_file(*, user: bool) -> Path:
    """Return the file that IPython reads for all kernels of this environment, or of the user."""
    if not user:
        return Path(sys.prefix) / "etc" / "ipython" / FILE
    from IPython.paths import get_ipython_dir  # noqa: PLC0415 - not needed for an image

    return Path(get_ipython_dir()) / "profile_default" / FILE


def install(file: Path, defaults: Defaults) -> bool:
    """Write the block into a configuration file, in place of an earlier one.

    Returns
    -------
    bool
        Whether that changed the file.

    Raises
    ------
    ClassGameError
        A default is wrong, or the file cannot be written or is not Python; it is left unchanged.
    """
    defaults = defaults.checked()
    before = _read(file)
    rest, place, made = _without(file, before)
    said = b'by "python -m jupyter_classgame install"; its "uninstall" takes this away'
    head = (BEGIN + NEW + b", " if made else b"\n" + BEGIN) + said + b"\n"
    block = head + "\n".join([*defaults.lines(), ""]).encode("ascii") + END
    after = rest[:place] + block + rest[place:]
    try:
        with warnings.catch_warnings(action="ignore"):  # of the file's other lines
            compile(after, str(file), "exec")
    except (SyntaxError, ValueError) as error:
        raise InstallError(f"{file} is not Python ({error}); nothing was written") from error
    if after == before:
        return False
    _write(file, after)
    return True


def uninstall(file: Path) -> bool:
    """Remove the block from a configuration file, and the file if it was created for the block.

    Returns
    -------
    bool
        Whether there was a block.

    Raises
    ------
    InstallError
        The file cannot be read or written; it is left unchanged.
    """
    before = _read(file)
    rest, _, made = _without(file, before or b"")
    if before is None or rest == before:
        return False
    if made and not rest:
        try:
            file.unlink()
        except OSError as error:
            raise InstallError(f"{file} cannot be removed ({error.strerror})") from error
    else:
        _write(file, rest)
    return True


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InstallError(f"{file} cannot be read ({error.strerror})") from error


def _without(file: Path, content: bytes | None) -> tuple[bytes, int, bool]:
    """Return a file without the block, the block's position, and whether it created the file."""
    if content is None:
        return b"", 0, True
    found = _BLOCK.search(content)
    rest = content if found is None else content[: found.start()] + content[found.end() :]
    if BEGIN in rest or END in rest:
        raise InstallError(
            f"{file}: the block of jupyter-classgame is incomplete or repeated; "
            "remove its lines by hand and try again"
        )
    if found is None:
        return rest, len(rest), False
    return rest, found.start(), found[0].startswith(BEGIN + NEW)


def _write(file: Path, content: bytes) -> None:
    """Replace a file atomically; a symbolic link to it is kept."""
    file = file.resolve()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        there = file.stat() if file.exists() else None
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(handle, "wb") as written:
                written.write(content)
            Path(name).chmod(stat.S_IMODE(there.st_mode) if there else 0o644)
            if there and hasattr(os, "geteuid") and os.geteuid() == 0:  # keep its owner
                os.chown(name, there.st_uid, there.st_gid)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InstallError(f"{file} cannot be written ({error.strerror})") from error
