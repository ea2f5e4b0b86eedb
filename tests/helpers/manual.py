"""What the manual says in code, so that tests can do it."""

import re
from pathlib import Path

import jupyter_classgame

DOCS = Path(jupyter_classgame.__file__).parents[1] / "docs"


def blocks(page, language):
    """The blocks of code of a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
