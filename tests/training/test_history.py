"""A history is numbers that can be kept: pickled, copied, saved with a model."""

import copy
import io
import pickle

import pytest
import torch
from helpers.models import model
from helpers.runs import Batches, quiet, request, run

from jupyter_classgame.training.history import History
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run_control import RunControl


@pytest.fixture(scope="module")
def history():
    run = launch_run(request(model(), epochs=2), RunControl())
    run.history.compare_with((copy.copy(run.history),), [run.history])
    return run.execute(quiet)


def saved(history):
    """There and back with torch's own way, which reads nothing that could run code."""
    file = io.BytesIO()
    torch.save({"model": model().state_dict(), "history": history}, file)
    file.seek(0)
    return torch.load(file)["history"]


WAYS = {
    "pickle": lambda history: pickle.loads(pickle.dumps(history)),  # noqa: S301
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "torch.save": saved,
    "within a list": lambda history: copy.deepcopy([history])[0],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_numbers_come_back(history, way):
    again = way(history)
    assert again == history
    assert repr(again) == repr(history)
    assert again.frame().equals(history.frame())
    assert (again.running, again.wait(), again.earlier, list(again.others)) == (False, True, (), [])
    assert history.earlier  # it has what it had
    again.stop()


def test_a_run_under_way_gives_the_numbers_so_far():
    copies = []
    run = launch_run(request(model(), epochs=2), RunControl())

    def keep(event):
        copies.append(pickle.loads(pickle.dumps(run.history)))  # noqa: S301

    run.execute(keep)
    assert sorted({len(each) for each in copies}) == [0, 1, 2]
    assert copies[0].stopped_by is None


def left(**given):
    """Train, and give the history with what it says of the weights that it left in the model."""
    told = []
    history = run(publish=told.append, **given)
    assert (told[-1].kept, told[-1].kept_epoch) == (history.kept, history.kept_epoch)
    return history, (history.kept, history.kept_epoch, history.kept_acc)


def stopped(batch, **given):
    """Train up to the step of a batch, counted over the epochs of six."""
    control = RunControl()
    return left(train_loader=Batches(batch, control.stop), control=control, **given)


def test_it_says_which_weights_the_model_has_and_how_good_they_are():
    history, kept = left(epochs=2)
    assert kept == ("last", 2, history.val_acc[1])
    assert ", left the weights of epoch 2, the last, in the model" in repr(history)
    history, kept = left(epochs=2, ema=0.5, keep="ema")
    assert kept == ("averaged", 2, history.ema_val_acc[1])
    assert left(epochs=1, val_loader=None)[1] == ("last", 1, None)
    history, kept = stopped(8)
    assert kept == ("unfinished", 1, None)
    assert "left weights from within epoch 2 in the model, not validated" in repr(history)
    history, kept = stopped(8, keep="best")
    assert kept == ("best", 1, history.val_acc[0])
    assert stopped(8, ema=0.5, keep="ema")[1] == ("averaged", 1, None)


def test_after_an_error_it_says_so_too():
    def fail():
        raise ValueError

    for batch, kept in ((3, ("unchanged", 0)), (8, ("last", 1))):
        told = []
        with pytest.raises(ValueError):  # noqa: PT011 - the loader's own
            run(publish=told.append, train_loader=Batches(batch, fail))
        assert (told[-1].kept, told[-1].kept_epoch) == kept


def numbers(kept, best, first_epoch=0, **more):
    return History(
        label="run 2: net", train_loss=[1.0, 0.5, 0.25], train_acc=[0.5, 0.75, 0.9],
        val_loss=[1.0, 0.5, 0.75], val_acc=[0.5, 0.90625, 0.84375], best_epoch=best, kept=kept,
        kept_epoch=best if kept == "best" else 3, epochs_begun=3, first_epoch=first_epoch, **more,
    )  # fmt: skip


def test_every_score_is_labelled_best_last_or_averaged():
    assert numbers("last", 2).other_scores() == [
        "the last, epoch 3, with val acc 0.8438, was left in the model"
    ]
    assert numbers("best", 2).other_scores() == ["the last, epoch 3, with val acc 0.8438"]
    assert numbers("last", 3).other_scores() == ["it is the last and was left in the model"]
    averaged = numbers("averaged", 2, ema_val_acc=[0.1, 0.2, 0.3])
    assert averaged.other_scores()[-1] == "averaged weights with val acc 0.3000"
    assert "the last, epoch 3 (13 of the model's life)" in numbers("last", 2, 10).other_scores()[0]
    text = repr(numbers("best", 2))
    assert "best val_acc 0.9062 at epoch 2, last val_acc 0.8438" in text
    assert "last val_acc 0.8438, left the weights of epoch 2, the best, in the model" in text
    assert "left the average up to epoch 3 in the model" in repr(averaged)
    assert "left the model's weights as they were" in repr(numbers("unchanged", 2))
    assert numbers("last", 0).other_scores() == []
