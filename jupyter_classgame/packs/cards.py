"""Parser of items' cards: Markdown with a summary, an explanation and one recipe."""

import re
from pathlib import Path

from jupyter_classgame.errors import PackError
from jupyter_classgame.packs.starters import NOT_PYTHON, parsed
from jupyter_classgame.shop import Card

_SHAPE = "a title, a summary line, an explanation and, last, '## Recipe' with one ```python block"
_CARD = re.compile(
    r"\A# [^\n]+\n+(?P<summary>[^\n#]+)\n+(?P<text>.*?\n)## Recipe\n(?P<how>.*?)"
    r"^```python\n(?P<recipe>.*?)^```\s*\Z",
    re.DOTALL | re.MULTILINE,
)


def read_card(path: Path) -> Card:
    """Read a card.

    Raises
    ------
    PackError
        The file is missing, or lacks a part of a card.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: the card cannot be read ({error})") from error
    found = _CARD.match(content)
    if found is None or "```python" in found["how"] or "```" in found["recipe"]:
        raise PackError(f"{path}: a card needs {_SHAPE}")
    _check_recipe(path, found["recipe"], content.count("\n", 0, found.start("recipe")))
    text = found["text"].strip()
    if how := found["how"].strip():
        text += f"\n\n## Recipe\n\n{how}"
    return Card(summary=found["summary"].strip(), text=text, recipe=found["recipe"].rstrip())


def _check_recipe(path: Path, recipe: str, above: int) -> None:
    """Refuse a recipe that no cell could run; ``above`` are the lines before it."""
    try:
        parsed(recipe)
    except SyntaxError as error:
        raise PackError(
            f"{path}, line {above + (error.lineno or 1)}: the recipe is not Python ({error.msg})"
        ) from error
    except NOT_PYTHON as error:
        raise PackError(f"{path}: the recipe is not Python ({error})") from error
