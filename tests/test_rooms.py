"""The rooms of the package import downwards only, and light rooms stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_classgame

PACKAGE = Path(jupyter_classgame.__file__).parent
ROOMS = [
    "magics",
    "widgets",
    "session",
    "classroom",
    "referee",
    "evaluation",
    "training",
    "data",
    "packs",
    "shop",
    "config",
    "events",
    "errors",
]


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            depth = len(path.relative_to(PACKAGE).parts) - node.level
            above = path.relative_to(PACKAGE).parts[: max(depth, 0)] if node.level else ()
            module = (
                [*above, *(node.module or "").split(".")] if node.level else node.module.split(".")
            )
            parts = module if node.level else module[1:]
            if node.level or module[0] == "jupyter_classgame":
                yield from (part for part in [*parts, *(a.name for a in node.names)][:1] if part)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                if parts[0] == "jupyter_classgame" and len(parts) > 1:
                    yield parts[1]


@pytest.mark.parametrize("room", [room for room in ROOMS if (PACKAGE / room).is_dir()])
def test_a_room_imports_only_what_is_below(room):
    below = ROOMS[ROOMS.index(room) :]
    for path in (PACKAGE / room).rglob("*.py"):
        for other in imported_rooms(path):
            if other in ROOMS:
                assert other in below, f"{path.relative_to(PACKAGE)} imports {other}"


def test_the_check_sees_imports():
    assert set(imported_rooms(PACKAGE / "session" / "runs" / "run_recorder.py")) >= {
        "training",
        "errors",
        "shop",
    }


@pytest.mark.processes
@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("jupyter_classgame", ["IPython", "torch", "sqlalchemy", "ipywidgets"]),
        ("jupyter_classgame.shop", ["torch", "IPython"]),
        ("jupyter_classgame.shop.ledger", ["torch", "IPython"]),
        ("jupyter_classgame.packs", ["torch", "IPython"]),
    ],
)
def test_light_rooms_stay_light(module, absent):
    code = f"import sys, {module}; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
