import subprocess
import sys

import pytest
from accelerate.tracking import LOGGER_TYPE_TO_CLASS
from helpers.shop import out_of_reach
from IPython.core.completer import provisionalcompleter
from torch import nn, optim

from jupyter_classgame.evaluation.model_ensemble import Ensemble
from jupyter_classgame.magics import completion, option_suggestions
from jupyter_classgame.packs import playable_packs
from jupyter_classgame.session.wallet import prompt_list
from jupyter_classgame.training.device.precision import PRECISIONS
from jupyter_classgame.training.options.table import BY_NAME


@pytest.fixture
def complete(shell):
    """The completions at the mark ``|`` of a cell."""

    def at(cell):
        before, _, after = cell.partition("|")
        with provisionalcompleter():
            return list(shell.Completer.completions(before + after, len(before)))

    return at


@pytest.fixture
def texts(complete, monkeypatch):
    """The texts offered at the mark."""
    monkeypatch.setattr(prompt_list, "INSTANT", 60)
    return lambda cell: [each.text for each in complete(cell)]


@pytest.fixture
def objects(game, shell):
    """A namespace with one or two of each kind; gives its names."""
    names = shell.user_ns
    names["wide"] = nn.Linear(3, 3)
    names["models"] = [names["model"], names["wide"]]
    names["numbers"] = [1, 2]
    names["slow"] = optim.Adam(names["wide"].parameters())
    names["loss"] = nn.CrossEntropyLoss()
    names["decay"] = optim.lr_scheduler.ReduceLROnPlateau(names["optimizer"])
    names["EPOCHS"], names["DECAY"], names["deep"] = 3, 0.99, True
    names["_hidden"] = nn.Linear(1, 1)
    return names


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%%shop\nbuy Foggy l|", ["Foggy lens", "foggy-lens"]),
        ("%%shop\nbuy foggy_l|", ["Foggy lens", "foggy-lens"]),
        ("\n\n%%shop\nbuy Flip trick  # first\nret|", ["return"]),
        ("%%shop\nBU|", ["buy"]),
        ("%%shop\nreturn Flip trick, Need for shift: T|", ["Need for shift: Tokyo data drift"]),
        ("%%shop\nbuy Flip trick, tokyo|", ["Tokyo data drift"]),
        ("%%shop\nBUY 'Foggy l|", ["Foggy lens", "foggy-lens"]),
        ("%%shop\nHerr Nilsson\u2019s |", ["Herr Nilsson's friend"]),
        ("%%shop\nDat|\nbuy Flip trick", ["Data Potion"]),
        ("%%shop\nbuy rotati|", ["rotation"]),
        ("%%shop\nbuy Neural turbo boost |", ["x 2"]),
        ("%%shop\nbuy Neural turbo boost x|", ["x 2"]),
        ("%%shop\nFlip trick, neural-turbo-boost X|", ["x 2"]),
    ],
)
def test_orders_are_completed(game, texts, cell, expected):
    assert texts(cell) == expected


def test_an_empty_line_of_an_order_offers_the_verbs_and_each_item_once(game, texts):
    names = [item.name for item in game.pack.catalogue]
    assert texts("%%shop\n|") == ["buy", "return", *names]
    assert texts("%%shop\nbuy Flip trick\n  return |") == names


def test_an_offer_takes_the_place_of_what_was_typed_of_it(game, complete):
    (offer,) = complete("%%shop\nbuy Flip trick, need for shift: t|")
    assert (offer.start, offer.end) == (23, 40)
    assert offer.type == "5\u00a0B\u00a0NN"


@pytest.mark.parametrize("cell", ["%%shop Fogg|", "%%shopping\nFogg|"])
def test_no_item_is_offered_where_none_can_stand(game, texts, cell):
    assert texts(cell) == []


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("buy Flip  # Fogg", "# Fogg"),
        ("buy Flip trick # x", "# x"),
        ("buy Flip trick x", "Flip trick x"),
        ("return Neural turbo boost x", "Neural turbo boost x"),
        ("buy Neural turbo boost x 2 ", "Neural turbo boost x 2 "),
        ("buy tim", "tim"),
    ],
)
def test_an_order_offers_no_python(game, texts, line, typed):
    """At most what stands there already, which completes to itself."""
    assert texts(f"%%shop\n{line}|") == [typed]


def test_what_is_owned_is_offered_first_for_a_return(game, texts):
    game.order("buy neural-turbo-boost, foggy-lens")
    names = [item.name for item in game.pack.catalogue]
    owned = [name for name in names if name in {"Neural turbo boost", "Foggy lens"}]
    assert texts("%%shop\nreturn |") == [*owned, *(name for name in names if name not in owned)]
    assert texts("%%shop\nbuy |") == names
    with out_of_reach(game.ledger):
        assert texts("%%shop\nreturn |")[:2] == owned  # as it was last known


def test_an_order_without_a_game_offers_nothing_of_ours(shell, texts):
    assert texts("%%shop\nbuy Fogg|") == []
    shell.user_ns["game"] = "tennis"
    assert texts("%%shop\nbuy Fogg|") == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%train --ep|", ["--epochs"]),
        ("%train --ke|", ["--keep"]),
        ("%train --keep best --ke|", []),
        ("%train --keep |", ["last", "best", "ema"]),
        ("%train --keep=b|", ["best"]),
        ("%train --mon|", ["--monitor"]),
        ("h = %train --monitor val_|", ["val_acc", "val_loss"]),
        ("if True:\n    %train --precision |", ["auto", "no", "bf16", "fp16"]),
        ("%train model \\\n  --precision bf|", ["bf16"]),
        ("%train --data |", ["train_loader", "val_loader"]),
        ("%train --val |", ["train_loader", "val_loader", "none"]),
        ("%train --criterion |", ["loss"]),
        ("%train --scheduler |", ["decay", "none"]),
        ("%train --at 3 --then |", ["optimizer", "slow"]),
        ("%train --epochs |", ["EPOCHS"]),
        ("%train --ema |", ["DECAY"]),
        ("%train --sync-bn --epochs EP|", ["EPOCHS"]),
        ("%train mo|", ["model"]),
        ("%train --force wi| optimizer", ["wide"]),
        ("%train model s|", ["slow"]),
        ("%evaluate --data val|", ["val_loader"]),
        ("%evaluate --fi|", ["--final"]),
        ("%lr_find --se|", ["--seeds", "--seed"]),
        ("%ensemble model m|", ["models"]),
        ("%ensemble --vote |", ["soft", "hard", "weighted"]),
        ("%classgame |", ["status", "packs", "start", "new", "runs", "check", "reset"]),
        ("%classgame ne|", ["new"]),
        ("%classgame reset --|", ["--yes"]),
        (
            "%classgame new digits --t| --seed 1",
            ["--team"],
        ),
        ("%classgame new dig|", ["digits"]),
        ("%classgame start dig|", ["digits"]),
        ("%classgame start digits --sp|", ["--splits"]),
        ("%classgame new digits --team |", ["red"]),
    ],
)
def test_lines_are_completed(objects, texts, cell, expected):
    assert texts(cell) == expected


def test_objects_come_before_options_and_what_is_given_is_left_out(objects, texts):
    offered = texts("%train |")
    assert offered[:3] == ["model", "wide", "--data"]
    assert "--epochs" in offered
    offered = texts("%train model optimizer --epochs 3 --practice |")
    assert offered[0] == "--data"
    assert not {"--epochs", "--practice", "model"} & set(offered)
    assert texts("%ensemble |")[:3] == ["model", "wide", "models"]


def test_packs_are_offered_beside_the_folder_of_images(shell, complete, image_folder, monkeypatch):
    monkeypatch.chdir(image_folder.parent)
    offered = [each.text for each in complete("%classgame new |")]
    assert {"digits", "cifar10", "insects"} <= set(offered)
    assert "first-game" not in offered
    assert "abs" not in offered


def test_known_teams_are_offered_before_a_game_is_started(texts, image_folder, shell):
    assert "blue" not in texts("%classgame new digits --team |")
    folder = shell.user_ns["folder"] = str(image_folder)
    for team in ("Les Rouges", "blue"):
        shell.run_cell(f"%classgame new {folder!r} --image-size 16 --team '{team}'").raise_error()
    assert texts("%classgame new digits --team |") == ["'Les Rouges'", "blue"]
    assert texts("%classgame start --team=les|") == ["'Les Rouges'"]


def test_an_ensemble_is_a_model(objects, texts):
    objects["both"] = Ensemble([objects["model"], objects["wide"]])
    assert texts("%evaluate bo|") == ["both"]


def test_expressions_are_left_to_python(objects, texts):
    objects["loaders"] = {"small": objects["val_loader"]}
    assert "loaders" not in texts("%train --data lo|")
    assert any("small" in text for text in texts('%train --data loaders["sm|'))
    assert any(text.endswith("team") for text in texts("%train --save game.te|"))
    assert "model" in texts("mod|")


def test_no_code_of_the_user_runs(objects, texts):
    class Spy:
        asked = ()

        def __getattribute__(self, name):
            Spy.asked += (name,)
            raise RuntimeError(name)

        def __bool__(self):
            raise RuntimeError("bool")

        @property
        def __class__(self):
            raise RuntimeError("class")

    objects |= {"spy": Spy(), "spies": [Spy()], 7: nn.Linear(1, 1)}
    assert "spy" not in texts("%train |") + texts("%ensemble |") + texts("%train --data |")
    objects["game"] = Spy()
    texts("%%shop\nbuy F|")
    assert Spy.asked == ()


@pytest.mark.parametrize(
    "cell", ["%train --data 'a|", "%train (|", "%train # mod|", "%train --no-such |", "%train\\\n|"]
)
def test_a_line_that_cannot_be_read_raises_nothing(objects, texts, capsys, cell):
    texts(cell)
    assert capsys.readouterr() == ("", "")


def test_the_words_are_those_that_the_engine_takes():
    assert option_suggestions.WORDS["keep"] == BY_NAME["keep"].choices
    assert option_suggestions.WORDS["precision"] == PRECISIONS
    assert set(option_suggestions.TRACKERS) == set(LOGGER_TYPE_TO_CLASS)
    assert "tensorboard" in option_suggestions.trackers()
    assert option_suggestions.packs() == tuple(pack.name for pack in playable_packs().packs)


def test_every_argument_that_is_described_exists(shell):
    known = set()
    for name in completion.LINES:
        known |= {action.dest for action in shell.find_line_magic(name).parser._actions}
    assert set(option_suggestions.VARIABLES) | set(option_suggestions.WORDS) <= known


def test_it_goes_with_the_extension_and_stands_there_once(shell):
    def ours():
        matchers = shell.Completer.custom_matchers
        return [m for m in matchers if m.matcher_identifier == completion.IDENTIFIER]

    assert len(ours()) == 1
    shell.run_line_magic("reload_ext", "jupyter_classgame")
    assert len(ours()) == 1
    shell.run_line_magic("unload_ext", "jupyter_classgame")
    assert ours() == []
    shell.run_line_magic("load_ext", "jupyter_classgame")


LIGHT = """
import sys
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(history_length=0)
shell.run_line_magic("load_ext", "jupyter_classgame")
with provisionalcompleter():
    for line in ("%train ", "%train --data ", "%train --log ", "%classgame new ", "%ensemble "):
        list(shell.Completer.completions(line, len(line)))
print({"torch", "pydantic", "sqlalchemy", "accelerate", "pandas"} & set(sys.modules))
"""


@pytest.mark.processes
def test_completing_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout == "set()\n"
