"""Give a notebook the cells of a pack's baseline."""

from collections.abc import Sequence
from uuid import uuid4

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cell_output import ReplaceableOutput, message_bundle
from jupyter_classgame.widgets.comm import comm_link

COMPLETE = "This notebook has the cells of the baseline already; %train trains its model."
COPY = "Copy this into cells, and run them:"
INSERTED = "The cells of the baseline are below; run them one by one."


def insert_cells(cells: Sequence[str]) -> None:
    """Insert cells below the active one; show them, to be copied, where no front end can.

    A front end that connects only after this, as one does that has just heard of the game, inserts
    them then.
    """
    output = ReplaceableOutput(f"classgame-baseline-{uuid4().hex[:12]}")
    if not cells:
        output.publish(message_bundle(COMPLETE))
        return
    alive = comm_link.link.alive
    if not alive:
        output.publish(_to_be_copied(cells))

    def insert() -> None:
        comm_link.insert_cells(cells, lambda _where: None)
        if not alive:
            output.replace(message_bundle(INSERTED))

    comm_link.link.when_alive(insert)


def _to_be_copied(cells: Sequence[str]) -> dict[str, str]:
    code = "\n\n\n".join(cells)
    html = (
        f'{markup.line(COPY)}<pre style="color:{palette.TEXT_CSS};user-select:all">'
        f"{markup.text(code)}</pre>"
    )
    return {"text/html": html, "text/plain": f"{COPY}\n\n{code}"}
