import pytest
from helpers.models import model, plain


@pytest.fixture
def magic(shell):
    """Run a line magic and give its value."""

    def run(line):
        name, _, rest = line.partition(" ")
        return shell.run_line_magic(name, rest)

    return run


@pytest.fixture
def order(shell):
    """Run a %%shop cell."""
    return lambda text: shell.run_cell_magic("shop", "", text)


@pytest.fixture
def game(shell, magic, image_folder):
    """A game of team red with everything a run needs in the namespace."""
    magic(f"classgame new {image_folder} --team red --image-size 16 --seed 0")
    names, game = shell.user_ns, shell.user_ns["game"]
    names["model"] = model()
    names["optimizer"] = plain(names["model"])
    names["train_loader"] = game.loader("train", batch_size=8)
    names["val_loader"] = game.loader("val")
    return game
