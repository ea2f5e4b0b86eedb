"""The instructor's command line: ``python -m jupyter_classgame install`` and ``uninstall``."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from jupyter_classgame.errors import ClassGameError, one_line
from jupyter_classgame.install import Defaults, config_file, install, uninstall

EPILOG = "Every other default: %config ClassGame in a notebook, or docs/instructors.md."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with a message of one line."""
        self.exit(2, f"{self.prog}: {message}; --help explains\n")


def parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    top = _Parser(prog="python -m jupyter_classgame", description=__doc__, epilog=EPILOG)
    commands = top.add_subparsers(dest="command", required=True, metavar="install|uninstall")
    add = commands.add_parser(
        "install",
        help="let kernels load the magics on first use, with a class's defaults",
        epilog="Options that are not given are not set; a second install replaces the first.",
    )
    remove = commands.add_parser("uninstall", help="remove what install wrote")
    for command in (add, remove):
        where = command.add_mutually_exclusive_group()
        where.add_argument(
            "--image", action="store_true", help="for all kernels of this environment (default)"
        )
        where.add_argument("--user", action="store_true", help="for this user's kernels")
    add.add_argument("--pack", default="", help="what %%classgame new plays if no pack is named")
    add.add_argument("--rules", default="", metavar="FILE", help="rules that override every pack's")
    ledger = add.add_mutually_exclusive_group()
    ledger.add_argument("--ledger", default="", metavar="URL", help="database for the purchases")
    ledger.add_argument(
        "--ledger-from-env",
        nargs="?",
        default="",
        const="CLASSGAME_LEDGER_URL",
        metavar="NAME",
        help="the environment variable with that URL; CLASSGAME_LEDGER_URL if none is named",
    )
    add.add_argument(
        "--team-from-env",
        nargs="?",
        default="",
        const="CLASSGAME_TEAM",
        metavar="NAME",
        help="the environment variable with the team's name; CLASSGAME_TEAM if none is named",
    )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    given = parser().parse_args(arguments)
    file = config_file(user=given.user)
    try:
        if given.command == "uninstall":
            done = "removed" if uninstall(file) else "nothing of jupyter-classgame to remove"
        else:
            defaults = Defaults(
                given.pack,
                given.rules,
                given.ledger,
                given.ledger_from_env,
                given.team_from_env,
            )
            done = "written" if install(file, defaults) else "already up to date"
    except ClassGameError as error:
        sys.stderr.write(f"{one_line(error)}\n")
        return 1
    sys.stdout.write(f"{file}: {done}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
