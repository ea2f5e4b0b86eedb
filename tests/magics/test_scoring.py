import pytest
import torch
from helpers.models import model, plain
from helpers.shop import out_of_reach
from IPython.core.error import UsageError

from jupyter_classgame.session.scoring.final_images import Asked
from jupyter_classgame.widgets.cards.ensemble_bars import ensemble_html


@pytest.fixture
def trio(game, shell):
    """Three models that no run has trained: they may vote, though not for a final score."""
    shell.user_ns["models"] = [model(seed=seed) for seed in (1, 2, 3)]
    return shell.user_ns["models"]


def test_a_list_of_models_votes(trio, game, magic, shell, order):
    names = shell.user_ns
    for net in trio:
        names["net"], names["opt"] = net, plain(net)
        magic("train net opt --epochs 1")
    order("buy Ensemble enchanter")
    result = magic("ensemble models --vote hard")
    assert names["ensemble"] is result
    assert (result.names, result.vote) == (["models[0]", "models[1]", "models[2]"], "hard")
    assert magic("ensemble models[0] models[1] --name pair").n == len(game.dataset("val"))
    assert "pair" in names
    with out_of_reach(game.ledger):
        lost = magic("ensemble models --name trio")
    assert lost.accuracy == game.evaluate(lost).accuracy
    assert lost.unranked.startswith(f"not ranked: {game.ledger.where} is not a ledger")
    again = "; %evaluate --final scores it once the ledger is back"
    assert lost.unranked.endswith(again)
    assert ensemble_html(lost).count(again) == 1
    assert (result.unranked, lost.notes) == ("", ())


def test_an_unowned_ensemble_is_refused(trio, magic):
    with pytest.raises(UsageError, match=r'needs "Ensemble enchanter" \(60 B NN\)'):
        magic("ensemble models")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ensemble", "two models or more, not 0"),
        ("ensemble model", "two models or more, not 1"),
        ("ensemble model model", "members 1 and 2 are the same model"),
        ("ensemble model 3", "member 2 is a int"),
        ("ensemble model flat", r"member 2 does not accept these images, a batch of shape \(9, 3"),
        ("ensemble model small", "different numbers of classes: model 3, small 2"),
        ("ensemble ring", r"ring\[3\]\[0\] is a list that contains itself; put nothing but models"),
        ("ensemble models --vote loud", "--vote loud: write one of"),
        ("ensemble models --name 3x", "--name 3x: write a valid Python name"),
        ("ensemble models --name print", "--name print: this name stands for a builtin"),
        ("ensemble models --name small", "--name small: this name stands for a Net"),
    ],
)
def test_mistakes_with_ensembles_are_told_in_one_line(trio, magic, shell, order, line, message):
    order("buy Ensemble enchanter")
    shell.user_ns.update(small=model(classes=2), flat=torch.nn.Linear(3, 3), ring=list(trio))
    shell.user_ns["ring"].append([shell.user_ns["ring"]])
    with pytest.raises(UsageError, match=message):
        magic(line)
    assert "ensemble" not in shell.user_ns


def test_an_ensemble_may_take_an_ensembles_name(trio, magic, order, shell):
    order("buy Ensemble enchanter")
    first = magic("ensemble models")
    assert magic("ensemble models --vote hard") is shell.user_ns["ensemble"] is not first


def test_members_are_called_as_they_are_given(trio, game, magic, order, shell):
    order("buy Ensemble enchanter")
    one, two, three = trio
    shell.user_ns.update(one=one, nets={"wide": two}, pair=[two, (three,)])
    assert magic("ensemble one models[1]").names == ["one", "models[1]"]
    assert magic("ensemble nets pair[1] one").names == ["nets['wide']", "models[2]", "one"]
    assert game.ensemble(*trio).names == ["one", "models[1]", "models[2]"]
    del shell.user_ns["models"]
    assert game.ensemble([one, two], three).names == ["one", "nets['wide']", "model 3"]


def test_names_of_a_function_are_seen(trio, order, shell):
    order("buy Ensemble enchanter")
    cell = (
        "def inside():\n"
        "    a, b = models[:2]\n"
        "    model, val_loader = b, game.loader('val', batch_size=3)\n"
        "    report = get_ipython().run_line_magic('evaluate', '')\n"
        "    named = get_ipython().run_line_magic('evaluate', 'a')\n"
        "    pair = get_ipython().run_line_magic('ensemble', 'a b --name pair')\n"
        "    return report, named, pair\n"
        "report, named, votes = inside()\n"
    )
    shell.run_cell(cell).raise_error()
    names = shell.user_ns
    assert names["report"].data == "the given images"
    assert names["pair"] is names["votes"]
    assert names["named"].n == names["report"].n


def test_evaluate_gives_a_report(game, magic):
    report = magic("evaluate")
    assert report.confusion.shape == (3, 3)
    assert magic("evaluate model --data train_loader").n == len(game.dataset("train"))


def test_final_shows_the_score(game, magic):
    with pytest.raises(UsageError, match="weights that end a ranked run"):
        magic("evaluate --final")
    magic("train --epochs 1")
    assert magic("evaluate --final").used == 1


def test_mistakes_with_evaluate_are_told_in_one_line(game, magic, shell):
    for line, message in (
        ("evaluate nosuch", "MODEL nosuch"),
        ("evaluate 3", "torch.nn.Module is needed"),
        ("evaluate model --data 3", "--data: a int gives no batches"),
    ):
        with pytest.raises(UsageError, match=message):
            magic(line)
    shell.user_ns["small"] = model(classes=2)
    with pytest.raises(UsageError, match="gives 2 scores an image and there are 3 classes"):
        magic("evaluate small")


def test_final_says_what_it_scores_and_what_is_left_and_asks(
    game, magic, shell, capsys, monkeypatch
):
    asked = []

    def answer(question):
        asked.append(question)
        return answers.pop(0)

    monkeypatch.setattr("builtins.input", answer)
    checks = []
    check = Asked.check
    monkeypatch.setattr(Asked, "check", lambda self: (checks.append(self), check(self))[1])
    answers = ["n", "yes"]
    with pytest.raises(UsageError, match="weights that end a ranked run"):
        magic("evaluate --final")  # what would be refused is not asked for
    with pytest.raises(UsageError, match="--yes goes with --final"):
        magic("evaluate --yes")
    history = magic("train --epochs 1")
    capsys.readouterr()
    refused = magic("evaluate --final")
    shown = capsys.readouterr().out
    assert "model on 12 hidden test images" in shown
    held = f"run 1 (model), epoch 1, the last and best: val acc {history.val_acc[0]:.4f}"
    assert held in shown
    assert "attempts  0 of 3 used; this one would leave 2" in shown
    assert (refused.scored, refused.declined, refused.used) == (False, True, 0)
    assert repr(refused) == "model was not scored (0 of 3 attempts used)"
    score = magic("evaluate --final")
    assert (score.used, score.weights) == (1, held)
    assert len(checks) == 2  # by the two questions, and not for the score once more
    assert magic("evaluate --final").repeated  # takes no attempt, so there is nothing to ask
    assert len(asked) == 2
    magic("train --epochs 1")
    assert magic("evaluate --final --yes").used == 2
    assert len(asked) == 2


def test_final_scores_where_nobody_can_be_asked_and_says_so(game, magic, capsys):
    magic("train --epochs 1")
    capsys.readouterr()
    assert magic("evaluate --final").scored
    assert "Nobody can be asked here, so it is scored" in capsys.readouterr().out


def test_what_is_scored_is_named(game, magic, shell, order):
    model = shell.user_ns["model"]
    assert magic("evaluate").weights == "of no run yet"
    history = magic("train --epochs 2")
    first = f"run 1 (model), {'epoch 2, the last' if history.best_epoch == 1 else 'epoch 2'}"
    report = magic("evaluate")
    assert report.weights.startswith(first)
    assert report.accuracy == pytest.approx(history.kept_acc)
    assert f"val acc {history.kept_acc:.4f}" in report.weights
    assert f"its weights: {report.weights}" in repr(magic("classgame"))
    with torch.no_grad():
        model.fc.bias += 1
    assert "weights: changed since their run ended" in repr(magic("evaluate"))


def test_weights_that_are_not_there_yet_have_no_name(game, magic, shell):
    shell.user_ns["model"] = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(3))
    assert "its weights" not in repr(magic("classgame"))
    shell.user_ns["model"](torch.zeros(1, 3, 16, 16))
    assert "its weights: of no run yet" in repr(magic("classgame"))
