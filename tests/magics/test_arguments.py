import pytest
from IPython.core.error import UsageError

from jupyter_classgame.magics.arguments import choice, number, split_words, text, thing


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("model  optimizer", ["model", "optimizer"]),
        ('--data loaders["a b"] --epochs 2', ["--data", 'loaders["a b"]', "--epochs", "2"]),
        ("f(1, 2) [a, b]", ["f(1, 2)", "[a, b]"]),
        ('"my images/" x', ['"my images/"', "x"]),
        ("--epochs 3  # a comment", ["--epochs", "3"]),
        ("a#b", ["a#b"]),
    ],
)
def test_a_line_is_split_outside_quotes_and_brackets(line, words):
    assert split_words(line) == words


@pytest.mark.parametrize("line", ['"open', "f(1", "[a, b"])
def test_what_is_not_closed_is_refused(line):
    with pytest.raises(UsageError, match="is not closed"):
        split_words(line)


def test_a_thing_is_an_expression_of_the_namespace():
    names = {"loaders": {"small": [1]}, "x": 2}
    assert thing('loaders["small"]', "--data", names) == [1]
    assert thing(None, "--data", names) is None
    assert thing("none", "--val", names) == "none"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nosuch", "--data nosuch: name 'nosuch' is not defined; define it in a cell first"),
        ('loaders["big"]', "KeyError: 'big'"),
        ("a b", "SyntaxError"),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_one_line(word, message):
    with pytest.raises(UsageError) as refused:
        thing(word, "--data", {"loaders": {}})
    assert message in str(refused.value)


def test_numbers_are_expressions_too():
    assert number("EPOCHS * 2", "--epochs", {"EPOCHS": 5}) == 10
    assert number(None, "--epochs", {}) is None
    for word in ("2.5", "True", "'3'"):
        with pytest.raises(UsageError, match="a whole number is needed"):
            number(word, "--epochs", {})


def test_words_that_are_no_text_of_the_namespace_are_taken_literally():
    assert text("red", {"red": object()}) == "red"
    assert text("red", {"red": "Les Rouges"}) == "Les Rouges"
    assert text("the-reds", {}) == "the-reds"
    assert text("cuda:0", {}) == "cuda:0"
    assert text('"Les Rouges"', {}) == "Les Rouges"


def test_a_choice_is_its_word_even_where_a_name_shadows_it():
    assert choice("best", "--keep", ("last", "best"), {"best": 0.9}) == "best"
    assert choice("mine", "--keep", ("last", "best"), {"mine": "last"}) == "last"
    with pytest.raises(UsageError, match="--keep worst: write one of last, best"):
        choice("worst", "--keep", ("last", "best"), {})
