"""Completion and help as a front end gets them from a real kernel."""

import pytest
from helpers.images import make_images
from notebooks.kernels import Kernel

OBJECTS = """
import torch
from torch import nn

train_loader = game.loader("train", batch_size=4)
model = nn.Linear(2, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel with a game and what a run needs."""
    folder = tmp_path_factory.mktemp("completion")
    make_images(folder / "insects")
    kernel = Kernel(folder)
    kernel.run("%load_ext jupyter_classgame\n%classgame new insects --team red --image-size 16")
    kernel.run(OBJECTS)
    yield kernel
    kernel.close()


@pytest.mark.parametrize(
    ("cell", "first", "typed"),
    [
        ("%%shop\nbuy Flip trick, Fog|\nreturn Drop shield", "Foggy lens", "Fog"),
        ("%%shop\nret|", "return", "ret"),
        ("x = 1\n%train m|", "model", "m"),
        ("%train --data |", "train_loader", ""),
        ("%train model opt|imizer", "optimizer", "opt"),
        ("%train --keep b|", "best", "b"),
        ("h = %train --prac|", "--practice", "--prac"),
        ("%classgame new dig|", "digits", "dig"),
    ],
)
def test_a_front_end_is_told_what_fits(kernel, cell, first, typed):
    reply = kernel.complete(cell)
    assert reply["status"] == "ok"
    assert reply["matches"][0] == first
    assert reply["cursor_end"] - reply["cursor_start"] == len(typed)
    assert reply["cursor_end"] == cell.index("|")


def test_a_front_end_is_told_prices(kernel):
    reply = kernel.complete("%%shop\nbuy Ensemble e|")
    (offer, *_) = reply["metadata"]["_jupyter_types_experimental"]
    assert (offer["text"], offer["type"]) == ("Ensemble enchanter", "60\u00a0B\u00a0NN")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%tra|in --epochs 5", "--keep KEEP"),
        ("%%sh|op\nbuy Flip trick", "[buy|return] ITEM [x N]"),
        ("%class|game", "%classgame new PACK"),
    ],
)
def test_hovering_shows_the_manual(kernel, cell, says):
    shown = kernel.inspect(cell.replace("[buy|return]", ""))
    assert says in shown
    question = cell.partition("\n")[0].replace("|", "").split()[0] + "?"
    asked = kernel.run(question).reply["payload"][0]["data"]["text/plain"]
    assert says in asked
