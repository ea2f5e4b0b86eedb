"""Writes the table of options into ``docs/training.md``.

Run it by ``python docs/scripts/option_table.py``.
"""

from pathlib import Path

from jupyter_classgame.training.options.table import OPTIONS, Option

PAGE = Path(__file__).parents[1] / "training.md"
BEGIN, END = "<!-- options: begin -->\n", "<!-- options: end -->\n"
VALUES = {"object": "OBJECT", "whole": "N", "number": "X", "word": "WORD", "text": "TEXT"}


def table() -> str:
    """Format the options as a Markdown table."""
    rows = ["| option | what it does | source |", "|---|---|---|"]
    rows += [_row(option) for option in OPTIONS if not option.positional]
    return "\n".join(rows) + "\n"


def _row(option: Option) -> str:
    value = ", ".join(option.choices) or VALUES.get(option.kind, "")
    spelling = f"`{option.flag} {value}`" if value else f"`{option.flag}`"
    says = option.details or option.help
    if option.found:
        says += f"; by default the name `{option.found}`"
    if option.configured:
        says += f"; its default is `ClassGame.{option.name}`"
    return f"| {spelling} | {says} | {option.source} |"


def page(text: str) -> str:
    """Put the table into the page's text, between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
