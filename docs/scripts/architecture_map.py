"""Draws the rooms of the package into ``docs/images/architecture.svg``.

Run it by ``python docs/scripts/architecture_map.py``. The rooms, the rooms inside them and the
arrows are derived from the package's own imports, so that the picture cannot be wrong. A test
checks that it is up to date.
"""

import re
import tomllib
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
PACKAGE = "jupyter_classgame"

WIDTH, ROW, LEFT, GAP = 760, 46, 132, 8
SAYS = {
    "magics": "what a user types",
    "widgets": "what a user sees",
    "session": "one team's play in one kernel",
    "referee": "what is in use, and mistakes",
    "evaluation": "reports and ensembles",
    "training": "the engine",
    "data": "images and batches",
    "packs": "the games to play",
    "shop": "the rules of buying",
}


def rooms() -> list[str]:
    """List the rooms from the top down, as in import-linter's contract."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    return [layer for layer in layers if layer in SAYS]


def draw() -> str:
    """Draw one row per room: its name, its purpose, the rooms inside, and what it imports."""
    graph = grimp.build_graph(PACKAGE)
    names = rooms()
    parts = []
    for row, name in enumerate(names):
        room = f"{PACKAGE}.{name}"
        inside = sorted(m for m in graph.find_children(room) if graph.find_children(m))
        modules = 1 + len(graph.find_descendants(room))
        below = [other for other in names[row + 1 :] if _direct(graph, room, f"{PACKAGE}.{other}")]
        parts.append(_row(row, name, [m.rpartition(".")[2] for m in inside], modules, below))
    height = len(names) * ROW + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n' + "".join(parts) + "</svg>\n"
    )


def _direct(graph: grimp.ImportGraph, importer: str, imported: str) -> bool:
    """Whether a module of one room imports a module of the other itself."""
    modules = {importer, *graph.find_descendants(importer)}
    others = {imported, *graph.find_descendants(imported)}
    return any(others & graph.find_modules_directly_imported_by(module) for module in modules)


def _row(row: int, name: str, inside: list[str], modules: int, below: list[str]) -> str:
    top = row * ROW + GAP
    within = ", ".join(inside) or "no rooms inside"
    imports = f"imports {', '.join(below)}" if below else "imports no other room"
    return (
        f'<rect x="{GAP}" y="{top}" width="{WIDTH - 2 * GAP}" height="{ROW - GAP}" rx="4" '
        f'fill="#eef3f8" stroke="#7b93ab"/>\n'
        f'<text x="{2 * GAP}" y="{top + 16}" font-weight="bold">{escape(name)}</text>\n'
        f'<text x="{2 * GAP}" y="{top + 31}" fill="#44546a" font-size="10">'
        f"{modules} modules</text>\n"
        f'<text x="{LEFT}" y="{top + 16}">{escape(SAYS[name])}: {escape(within)}</text>\n'
        f'<text x="{LEFT}" y="{top + 31}" fill="#44546a" font-size="10">{escape(imports)}</text>\n'
    )


def names_in(picture: str) -> str:
    """Return the picture without its counts of modules, which change with every new file."""
    return re.sub(r"\d+ modules", "modules", picture)


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
