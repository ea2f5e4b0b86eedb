import os
import signal

import pytest
import torch
from helpers.models import model, plain, sgd
from torch import nn
from traitlets import TraitError

from jupyter_classgame import start_game
from jupyter_classgame.errors import ClassGameError, OrderError, TrainingError
from jupyter_classgame.events import EpochEnded, RunStarted
from jupyter_classgame.session.runs.training_run import RunInterrupted
from jupyter_classgame.session.verdicts import RefusedError
from jupyter_classgame.shop.storage.records import RunAudits


def test_what_is_left_out_is_found_by_name(ready, namespace):
    history = ready.train(epochs=2)
    assert len(history.val_acc) == 2
    assert ready.histories == [history]
    assert history.label == "run 1: model"
    assert "no criterion: cross-entropy is used" in history.notes
    (run,) = ready.runs().runs
    assert run.numbers.seconds == pytest.approx(sum(history.seconds))
    assert run.audits == RunAudits(history.audits, [], {})
    assert f"{history.audits} steps audited, none failed" in repr(ready.runs())
    assert run.numbers.first_rate == run.numbers.last_rate == history.lr[0]
    kept = ready.ledger.curves(run)
    assert kept["val_acc"] == [[1, pytest.approx(history.val_acc[0], rel=1e-5)], kept["val_acc"][1]]


def test_none_leaves_validation_and_schedule_out(ready, namespace):
    namespace["scheduler"] = torch.optim.lr_scheduler.StepLR(namespace["optimizer"], 1, 0.1)
    ready.buy("learning-rate-decay")
    history = ready.train(epochs=2, val="none", scheduler="none")
    assert history.val_acc == []
    assert history.lr[0] == history.lr[1]
    assert ready.train(epochs=2).lr[1] == pytest.approx(0.03)


@pytest.mark.parametrize("name", ["model", "optimizer", "train_loader"])
def test_what_is_missing_is_named_with_a_line_that_makes_it(ready, namespace, name):
    del namespace[name]
    with pytest.raises(TrainingError, match=f"there is no {name}; define it"):
        ready.train()


def test_the_criterion_of_the_namespace_is_used(ready, namespace):
    calls = []

    def criterion(scores, labels):
        calls.append(len(labels))
        return nn.functional.cross_entropy(scores, labels)

    namespace["criterion"] = criterion
    assert ready.train(epochs=1).notes == ()
    assert sum(calls) > 0


def test_a_schedule_left_over_from_another_optimizer_is_refused(ready, namespace):
    other = plain(model())
    namespace["scheduler"] = torch.optim.lr_scheduler.StepLR(other, 1)
    with pytest.raises(RefusedError, match="belongs to another optimizer"):
        ready.train(epochs=1)
    assert "scheduler-other-optimizer" in [finding.code for finding in ready.check().findings]
    with pytest.warns(UserWarning, match="before `optimizer.step"):  # torch sees it as well
        history = ready.train(epochs=1, force=True)
    assert not history.ranked
    assert "forced in spite of scheduler-other-optimizer" in history.notes[-1]


def test_a_loader_that_is_read_once_is_refused_and_lasts_for_an_epoch(ready, namespace):
    batches = list(namespace["train_loader"])

    with pytest.raises(RefusedError, match="can be read once only"):
        ready.train(data=iter(batches), epochs=1)
    assert "endless-data" in [
        finding.code for finding in ready.check(train_loader=iter(batches)).findings
    ]
    generator = (batch for batch in batches)
    assert len(ready.train(data=generator, epochs=1, force=True)) == 1
    with pytest.raises(TrainingError, match="no batch in epoch 2; is it used up"):
        ready.train(data=iter(batches), epochs=2, force=True)


@pytest.mark.parametrize("epochs", [0, -3, 2.5, True])
def test_a_number_of_epochs_is_needed(ready, epochs):
    with pytest.raises(TrainingError, match="at least 1"):
        ready.train(epochs=epochs)


def test_the_limit_counts_over_a_models_life(ready, namespace, monkeypatch):
    limit = ready.pack.rules.max_epochs
    with pytest.raises(
        TrainingError, match=f"allows {limit} epochs in a model's life; --epochs {limit}"
    ):
        ready.train(epochs=limit + 1)
    ready.train(epochs=2)
    with pytest.raises(TrainingError, match=f"the model has had 2; --epochs {limit - 2} at most"):
        ready.train(epochs=limit - 1)


def test_a_models_life_is_known_by_its_weights_too(ready, namespace, image_folder):
    ready.train(epochs=3)
    copy = model()
    copy.load_state_dict(namespace["model"].state_dict())
    other = start_game(image_folder, team="red", image_size=16, namespace=namespace)
    with pytest.raises(TrainingError, match="the model has had 3"):
        other.train(copy, plain(copy), epochs=58)


def test_one_seed_is_one_run(ready, namespace):
    losses = []
    for _ in range(2):
        net = model()
        losses.append(ready.train(net, plain(net), epochs=2, seed=9).train_loss)
    assert losses[0] == losses[1]


def test_torchs_own_seed_governs_a_run_without_one(ready):
    seeds = []
    for _ in range(2):
        torch.manual_seed(4)
        net = model()
        seeds.append(ready.train(net, plain(net), epochs=1).seed)
    assert seeds[0] == seeds[1]


def test_runs_are_recorded(ready, namespace):
    ready.buy("flip")
    history = ready.train(epochs=2)
    ready.train(epochs=1, practice=True)
    first, second = ready.runs().runs
    assert (first.epochs, first.ranked, first.owned) == (2, True, {"flip-trick": 1})
    assert first.val_acc == max(history.val_acc)
    assert (second.ranked, second.life_epochs) == (False, 3)
    assert ready.runs().frame().loc[1, "owned"] == "flip-trick"


def test_an_item_that_a_ranked_run_used_stays_bought(ready, namespace):
    ready.order("buy Flip trick, Speed boost")
    ready.train(optimizer=sgd(namespace["model"]), epochs=1)
    with pytest.raises(OrderError, match=r"Speed boost was used in ranked run 1 \(model\)"):
        ready.return_("momentum")
    assert ready.return_("flip").changed  # owned, and not in use


def test_an_interrupt_keeps_the_run_and_stops_the_script(ready):
    def interrupt(event):
        if isinstance(event, EpochEnded) and event.epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    ready.events.subscribe(interrupt)
    with pytest.raises(RunInterrupted) as interrupted:
        ready.train(epochs=9)
    history = interrupted.value.history
    assert history.stopped_by == "user"
    assert len(history) == 2
    assert ready.runs().runs[0].stopped_by == "user"
    assert interrupted.value._render_traceback_() == [f"Interrupted: {history.message}"]


def test_an_error_is_recorded_and_raised(ready, namespace):
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(1, 3)

        def forward(self, _images):
            raise ValueError("mine")

    net = Broken()
    with pytest.raises(ValueError, match="mine"):
        ready.train(net, plain(net), force=True)
    assert ready.histories[-1].stopped_by == "error"
    assert ready.runs().runs[0].stopped_by == "error"
    assert len(ready.train(epochs=1)) == 1


def test_too_few_outputs_are_told_in_one_line(ready):
    net = model(classes=2)
    with pytest.raises(TrainingError, match="a label 2 and the model has 2 outputs"):
        ready.train(net, plain(net))


@pytest.mark.parametrize("option", [{"keep": "first"}, {"monitor": "x"}, {"patience": -1}])
def test_a_wrong_option_is_refused(ready, option):
    with pytest.raises(ClassGameError, match="--"):
        ready.train(**option)
    assert ready.runs().runs == ()


class Fails(nn.Module):
    """Fails on its first training batches, until it is told not to."""

    def __init__(self):
        super().__init__()
        self.net, self.broken = model(), False

    def forward(self, images):
        if self.broken and torch.is_grad_enabled():
            raise ValueError("mine")
        return self.net(images)


def test_a_run_that_took_no_step_says_nothing_of_its_model(ready, namespace):
    net = Fails()
    net.broken = True
    with pytest.raises(ValueError, match="mine"):
        ready.train(net, plain(net), epochs=1, force=True)
    net.broken = False
    history = ready.train(net, plain(net), epochs=1)
    assert history.ranked, history.notes
    again = Fails()
    assert not ready.train(again, plain(net), epochs=1, force=True).ranked  # its weights stay
    assert ready.train(again, plain(again), epochs=1).ranked
    assert [run.life_epochs for run in ready.runs().runs] == [0, 1, 0, 1]


def test_targets_in_a_tuple_are_told_in_one_line(ready, namespace):
    mixed = [
        (images, (labels, labels.flip(0), 0.3)) for images, labels in namespace["train_loader"]
    ]

    def criterion(scores, targets):
        loss = nn.functional.cross_entropy
        if isinstance(targets, tuple):
            return 0.3 * loss(scores, targets[0]) + 0.7 * loss(scores, targets[1])
        return loss(scores, targets)

    with pytest.raises(TrainingError, match="train_loader gives targets as tuple of 3"):
        ready.train(data=mixed, criterion=criterion, epochs=1, practice=True)
    arrays = [(images.numpy(), labels.numpy()) for images, labels in namespace["train_loader"]]
    with pytest.raises(TrainingError, match=r"images as numpy\.ndarray"):
        ready.train(data=arrays, epochs=1, practice=True)


def test_a_history_keeps_the_runs_before_it(ready):
    ready.config.earlier_runs = 2
    runs = [ready.train(epochs=1) for _ in range(4)]
    assert [run.earlier for run in runs] == [(), (runs[0],), (runs[0], runs[1]), (runs[1], runs[2])]
    ready.config.earlier_runs = 0
    assert ready.train(epochs=1).earlier == ()
    with pytest.raises(TraitError, match="earlier_runs"):
        ready.config.earlier_runs = 5


@pytest.mark.parametrize(("patience", "said"), [(None, False), (2, True)])
def test_a_run_without_validation_says_so_once(ready, namespace, patience, said):
    del namespace["val_loader"]
    history = ready.train(epochs=1, patience=patience)
    (note,) = [note for note in history.notes if "val_loader" in note]
    assert note.startswith("no val_loader: nothing is validated")
    assert ("--patience follows the training accuracy" in note) == said
    assert ('"best" means the best training accuracy' in note) != said
    assert "NaN" not in repr(ready.runs())


def test_validation_left_out_on_purpose_is_no_news(ready):
    assert not any("val_loader" in note for note in ready.train(epochs=1, val="none").notes)
    kept = ready.train(epochs=2, val="none", keep="best", monitor="train_loss", patience=2)
    assert "--val none: --patience and --keep best follow the training loss" in kept.notes


def test_a_model_that_is_trained_on_says_from_where_and_which_epochs(ready, namespace):
    assert not any("goes on" in note for note in ready.train(epochs=2).notes)
    started = []
    ready.events.subscribe(lambda e: started.append(e) if isinstance(e, RunStarted) else None)
    history = ready.train(epochs=2)
    assert history.notes[-1] == "goes on from run 1, epochs 3 to 4"
    assert (history.first_epoch, started[0].first_epoch) == (2, 2)
    assert "goes on from run 2, epoch 5" in ready.train(epochs=1, practice=True).notes
    with torch.no_grad():
        namespace["model"].fc.bias += 1
    assert "goes on with a trained model, epoch 6 of its life" in ready.train(epochs=1).notes
