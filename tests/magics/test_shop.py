import pytest
from IPython.core.error import UsageError

from jupyter_classgame.errors import OrderError


def test_an_order_is_carried_out_once_however_often_the_cell_runs(game, order):
    text = "buy Flip trick, Speed boost\nbuy neural-turbo-boost x 2  # deeper"
    receipt = order(text)
    assert receipt.after == game.balance == 40
    again = order(text)
    assert not again.changed
    assert game.balance == 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("buy Ensemble enchanter, neural-turbo-boost x 3", "20 B NN short; nothing was bought"),
        ("buy Flip trik", 'did you mean "Flip trick"'),
        ("\n# nothing\n", "the order is empty"),
        ("buy Flip trick now", '"now" after "Flip trick"'),
        ("return Flip trik", 'did you mean "Flip trick"[?]; the order was not carried out'),
        ("buy everything", "an order names its items one by one"),
        ("buy 2x neural turbo boost", 'put the count after the item: "Neural turbo boost x 2"'),
        ("buy batch norm", '"batch norm" is not allowed in this game'),
        ("buy telescope", 'the shop has no "telescope"; %shop lists what it sells'),
    ],
)
def test_a_wrong_order_buys_nothing(game, order, text, message):
    with pytest.raises(UsageError, match=message):
        order(text)
    assert (game.balance, game.owned) == (100, {})


def test_names_may_be_written_as_a_receipt_or_a_word_processor_does(game, order):
    order("buy \u201cFlip trick\u201d, 'Speed boost', flip_trick")
    order("buy Neural turbo boost \u00d7 2\nbuy Herr Nilsson\u2019s friend")
    assert game.owned == {
        "flip-trick": 1, "neural-turbo-boost": 2, "speed-boost": 1, "herr-nilssons-friend": 1,
    }  # fmt: skip


def test_a_technique_that_a_pack_frees_costs_nothing(shell, magic, image_folder):
    (image_folder / "pack.toml").write_text(
        'format = 1\nname = "insects"\ntitle = "Insects"\nextends = "first-game"\n'
        '[data]\nsource = "folder"\npath = "."\nimage_size = [16, 16]\n'
        '[rules]\nfree = ["batch-norm"]\n'
    )
    magic(f"classgame new {image_folder} --team red")
    with pytest.raises(OrderError, match='"Batch norm" costs nothing in this game: use it'):
        shell.user_ns["game"].buy("Batch norm")


def test_nothing_stands_on_the_magics_own_line(game, magic, shell):
    with pytest.raises(UsageError, match="below %%shop"):
        magic("shop buy flip")
    with pytest.raises(UsageError, match="write the order below"):
        shell.run_cell_magic("shop", "buy flip", "buy flip")
    assert game.owned == {}


def test_shop_shows_the_wallet_of_the_text(game, magic, order):
    view = magic("shop")
    order("buy Flip trick")
    assert "90 B NN" in view._repr_mimebundle_()["text/plain"]


def test_a_mistake_in_a_cell_is_one_line(game, shell, capsys):
    result = shell.run_cell("%%shop\nbuy everything")
    assert isinstance(result.error_in_exec, UsageError)
    captured = capsys.readouterr()
    assert captured.err.startswith("UsageError: ")
    assert len(captured.err.splitlines()) == 1
    assert "Traceback" not in captured.out
