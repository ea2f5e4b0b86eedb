import pytest
from IPython.core.error import UsageError


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
    ],
)
def test_a_wrong_order_buys_nothing(game, order, text, message):
    with pytest.raises(UsageError, match=message):
        order(text)
    assert (game.balance, game.owned) == (100, {})


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
