"""Runs that are cut off here by an exception no run outlives; real kernels in tests/notebooks."""

import json
import shutil
import sqlite3

import pytest
import torch
from helpers.models import Net, model, plain, sgd
from safetensors.torch import load_model
from torch import nn

from jupyter_classgame import ClassGame, start_game
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded, Noticed, RunStarted
from jupyter_classgame.session.runs.resumption import store_of
from jupyter_classgame.session.runs.run_recorder import Recorder
from jupyter_classgame.session.start import _ledgers
from jupyter_classgame.training.loop.batch_source import BatchSource
from jupyter_classgame.training.state import file_lock
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.run_store import RunFolder
from jupyter_classgame.training.state.weights_fingerprint import fingerprint
from jupyter_classgame.widgets.chart.curve_points import summary

pytestmark = pytest.mark.usefixtures("every_step")


class Death(BaseException):
    """The kernel died: nothing of a run's end happens."""


def forget_locks():
    """What the system does with a dead process's locks."""
    for lock in list(file_lock._held):
        file_lock.release(lock)


def without_end(recorder, _event):
    """What is left of a run's end when there is none: the thread has written its file."""
    recorder.keeper.wait()


@pytest.fixture
def cut(monkeypatch):
    """Trains a game until its kernel dies in the middle of an epoch."""
    batches = BatchSource.training

    def run(game, epoch, **options):
        def dying(self, life_epoch, *, mixing):
            for number, batch in enumerate(batches(self, life_epoch, mixing=mixing)):
                if life_epoch == epoch and number == 2:
                    raise Death
                yield batch

        with monkeypatch.context() as patch:
            patch.setattr(BatchSource, "training", dying)
            patch.setattr(Recorder, "_end", without_end)
            with pytest.raises(Death):
                game.train(**options)
        forget_locks()
        return game

    return run


def cells(namespace, game, seed=0, **options):
    """What the cells of a notebook do, again."""
    torch.manual_seed(seed)
    namespace["model"] = model(seed)
    namespace["optimizer"] = plain(namespace["model"], **options)
    namespace["train_loader"] = game.loader("train", batch_size=8)
    namespace["val_loader"] = game.loader("val")


@pytest.fixture
def reborn(image_folder):
    """The same team's game in a kernel that has just begun."""

    def start(team="red", **options):
        namespace = {}
        game = start_game(image_folder, team=team, image_size=16, namespace=namespace, **options)
        cells(namespace, game)
        return game

    return start


def test_a_run_goes_on_to_the_same_end(ready, cut, reborn):
    cut(ready, 3, epochs=5, seed=3)
    game = reborn()
    history = game.train(resume=True)
    whole = reborn("blue")
    uninterrupted = whole.train(epochs=5, seed=3)
    assert history.train_loss == uninterrupted.train_loss
    assert history.val_acc == uninterrupted.val_acc
    assert fingerprint(game.namespace["model"]) == fingerprint(whole.namespace["model"])
    assert history.label == "run 1: model"
    assert "resumed after epoch 2" in history.notes
    (record,) = game.runs().runs
    assert (record.stopped_by, record.epochs, record.life_epochs) == ("epochs", 5, 5)
    assert record.ranked
    assert history.ranked


def test_the_ledger_has_every_epoch_once(ready, cut, reborn):
    cut(ready, 3, epochs=4)
    game = reborn()
    game.train(resume=True)
    rows = game.ledger.epochs(game.record)
    assert [(row.epoch, row.life_epochs) for row in rows] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert rows[-1].weights == fingerprint(game.namespace["model"])


def test_the_options_of_the_run_are_those_it_began_with(ready, cut, reborn):
    cut(ready, 2, epochs=9, patience=1, min_delta=5.0, keep="best", accumulate=2)
    history = reborn().train(resume=True)
    assert history.stopped_by == "patience"
    assert len(history) == 2


def test_more_epochs_may_be_asked_for_and_not_fewer(ready, cut, reborn):
    cut(ready, 4, epochs=4)
    game = reborn()
    with pytest.raises(TrainingError, match=r"--epochs 2: run 1 \(model\) has trained 3 already"):
        game.train(resume=True, epochs=2)
    assert len(game.train(resume=True, epochs=6)) == 6


def test_another_seed_is_refused(ready, cut, reborn):
    cut(ready, 2, epochs=3, seed=5)
    game = reborn(seed=8)
    with pytest.raises(TrainingError, match=r"--seed 4: run 1 \(model\) has seed 5"):
        game.train(resume=True, seed=4)
    assert game.train(resume=True).seed == 5


def test_a_run_that_died_after_its_last_epoch_ends(ready, cut, reborn, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "_end", without_end)
        ready.train(epochs=2)
    forget_locks()
    history = reborn().train(resume=True)
    assert (len(history), history.stopped_by, history.ranked) == (2, "epochs", True)


def test_it_is_said_when_there_is_nothing_to_resume(ready):
    with pytest.raises(TrainingError, match="team red has no run of insects; write %train without"):
        ready.train(resume=True)
    ready.train(epochs=1)
    with pytest.raises(TrainingError, match=r"no run of yours was cut off; the last one, run 1"):
        ready.train(resume=True)
    assert len(ready.runs().runs) == 1


def test_after_an_error_training_on_is_ordinary_training(ready, namespace):
    def spoil(event):
        if isinstance(event, EpochEnded):
            namespace["optimizer"].param_groups[0]["lr"] = 1e30

    ready.events.subscribe(spoil)
    assert ready.train(epochs=2).stopped_by == "nan"
    with pytest.raises(TrainingError, match=r"ended by nan\. Write %train without --resume: it"):
        ready.train(resume=True)


def test_a_run_without_a_whole_epoch_cannot_be_resumed(ready, cut, reborn):
    cut(ready, 1, epochs=3)
    with pytest.raises(TrainingError, match="cut off before its first epoch had ended"):
        reborn().train(resume=True)


def test_a_run_under_way_is_not_resumed(ready):
    refusals = []

    def interfere(event):
        if isinstance(event, EpochEnded):
            try:
                ready.train(resume=True)
            except TrainingError as error:
                refusals.append(str(error))

    ready.events.subscribe(interfere)
    ready.train(epochs=1)
    assert "run 1 (model) is still under way; it was not cut off" in refusals[0]


def test_checkpoints_that_are_not_here_are_missed(ready, cut, reborn):
    cut(ready, 2, epochs=3)
    shutil.rmtree(store_of(ready.context).root)
    with pytest.raises(TrainingError, match="no checkpoint of it is here"):
        reborn().train(resume=True)


def test_a_run_of_another_ledger_is_not_mistaken_for_this_ones(ready, cut, reborn, tmp_path):
    cut(ready, 2, epochs=3)
    ledger = ready.config.ledger_folder() / "ledger.sqlite"
    _ledgers.clear()
    ledger.unlink()
    game = reborn()
    with pytest.raises(TrainingError, match="has no run of insects"):
        game.train(resume=True)
    cut(game, 1, epochs=3)
    with pytest.raises(TrainingError, match="before its first epoch"):
        reborn().train(resume=True)


def test_another_models_name_is_asked_for(ready, cut, reborn, namespace):
    namespace["model2"], namespace["model"] = namespace["model"], model(4)
    cut(ready, 2, epochs=3, model=namespace["model2"])
    game = reborn()
    with pytest.raises(TrainingError, match="trained model2, not model; write %train model2"):
        game.train(resume=True)
    names = game.namespace
    names["model2"] = names.pop("model")
    assert len(game.train(names["model2"], resume=True)) == 3


def test_a_refusal_leaves_the_objects_as_the_cells_made_them(ready, cut, reborn):
    ready.order("buy Speed boost")
    cells(ready.namespace, ready)
    ready.namespace["optimizer"] = sgd(ready.namespace["model"])
    cut(ready, 2, epochs=3)
    other = reborn()  # plain gradient descent: the checkpoint's momentum is put into it
    other.return_("Speed boost")
    before = fingerprint(other.namespace["model"])
    with pytest.raises(TrainingError, match=r"not trained: .*Speed boost"):
        other.train(resume=True)
    assert fingerprint(other.namespace["model"]) == before
    assert other.namespace["optimizer"].param_groups[0]["momentum"] == 0.0
    assert not other.namespace["optimizer"].state
    other.order("buy Speed boost")
    assert len(other.train(resume=True)) == 3


def test_a_run_that_uses_more_than_when_it_began_is_not_ranked(ready, cut, reborn):
    cut(ready, 2, epochs=3)
    game = reborn()
    game.order("buy Drop shield")
    net = model(dropout=0.5)
    game.namespace["model"], game.namespace["optimizer"] = net, plain(net)
    history = game.train(resume=True)
    assert not history.ranked
    assert "not ranked: Drop shield was not in use when run 1 (model) began" in history.notes


def test_weights_that_were_changed_in_the_file_are_not_ranked(ready, cut, reborn):
    cut(ready, 3, epochs=4)
    (folder,) = store_of(ready.context).runs("red", "insects")
    kept = folder.read(2)
    kept.tensors["model.fc.weight"] += 1
    kept.write(folder.path / "epoch-000002.safetensors")
    history = reborn().train(resume=True)
    assert not history.ranked
    assert any("not those that the ledger has" in note for note in history.notes)


def test_another_game_of_the_same_name_leaves_the_checkpoints_alone(
    ready, cut, reborn, image_folder, tmp_path
):
    cut(ready, 2, epochs=3)
    config = ClassGame(ledger_url=f"sqlite:///{tmp_path / 'other.sqlite'}")
    other = start_game(image_folder, team="red", image_size=16, config=config)
    other.namespace.update(ready.namespace)
    net = model()
    history = other.train(net, plain(net), epochs=1)
    assert history.run == 1
    assert len(store_of(ready.context).runs("red", "insects")) == 2
    assert other.restore(1, net, plain(net)).train_loss == history.train_loss
    assert len(reborn().train(resume=True)) == 3


def test_a_criterions_own_weights_are_no_breach(ready, cut, reborn):
    def weighted():
        return nn.CrossEntropyLoss(weight=torch.tensor([1.0, 1.0, 2.0]))

    ready.order("buy Herr Nilsson's friend")
    ready.namespace["criterion"] = weighted()
    cut(ready, 2, epochs=3)
    game = reborn()
    game.namespace["criterion"] = weighted()
    history = game.train(resume=True)
    assert history.ranked, history.notes


def test_practice_stays_practice(ready, cut, reborn):
    cut(ready, 2, epochs=3, practice=True)
    game = reborn()
    assert not game.train(resume=True).ranked
    assert not game.runs().runs[0].ranked


def test_a_breach_before_the_death_counts_after_it(ready, cut, reborn):
    def breach(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            ready.namespace["optimizer"].param_groups[0]["weight_decay"] = 1e-9

    ready.order("buy Weight decay")
    ready.events.subscribe(breach)
    cut(ready, 3, epochs=4)
    game = reborn()
    history = game.train(resume=True)
    assert any(note.startswith("no longer ranked") for note in history.notes)
    assert not history.ranked


def test_hand_edits_are_counted_over_a_runs_whole_life(ready, cut, reborn):
    def edit(event):
        if isinstance(event, EpochEnded):
            group = current.namespace["optimizer"].param_groups[0]
            group["lr"] *= 0.9

    current = ready
    ready.events.subscribe(edit)
    cut(ready, 4, epochs=6)
    current = reborn()
    current.events.subscribe(edit)
    history = current.train(resume=True)
    assert len(history.edits) >= 4
    assert any("changed 4 times by hand" in note for note in history.notes)


def test_what_a_dead_run_trained_counts_in_a_models_life(ready, cut, reborn):
    cut(ready, 4, epochs=5)
    game = reborn()
    limit = game.pack.rules.max_epochs
    with pytest.raises(TrainingError, match=f"--epochs {limit + 1}"):
        game.train(resume=True, epochs=limit + 1)
    (folder,) = store_of(ready.context).runs("red", "insects")
    kept = folder.read(3)
    weights = {
        n.removeprefix("model."): t for n, t in kept.tensors.items() if n.startswith("model.")
    }
    game.namespace["model"].load_state_dict(weights)  # by hand, round --resume
    with pytest.raises(TrainingError, match=f"the model has had 3; --epochs {limit - 3} at most"):
        game.train(epochs=limit - 2)
    history = game.train(epochs=1)
    assert not history.ranked
    assert any("goes on from epoch 3 of run 1 (model)" in note for note in history.notes)


def test_a_practice_game_is_resumed_too(cut, reborn):
    game = cut(reborn(practice=True), 3, epochs=4)
    again = reborn(practice=True)
    history = again.train(resume=True)
    assert len(history) == 4
    assert history.stopped_by == "epochs"
    with pytest.raises(TrainingError, match="without a ledger was cut off"):
        reborn(practice=True).train(resume=True)
    assert game.runs().runs != ()


def test_the_second_optimizer_is_found_by_its_name(ready, cut, reborn):
    later = torch.optim.SGD(ready.namespace["model"].parameters(), lr=0.01)
    ready.namespace["later"] = later
    cut(ready, 2, epochs=3, then=later, at=3)
    game = reborn()
    with pytest.raises(TrainingError, match="there is no later; define it in a cell"):
        game.train(resume=True)
    parameters = game.namespace["model"].parameters()
    game.namespace["later"] = torch.optim.SGD(parameters, lr=0.01)
    assert len(game.train(resume=True)) == 3


def test_checkpoints_can_be_turned_off(ready):
    ready.config.checkpoints = False
    ready.train(epochs=1)
    assert not store_of(ready.context).root.exists()


def test_a_store_that_cannot_be_written_is_told_once_and_training_goes_on(ready):
    store_of(ready.context).root.parent.mkdir(parents=True, exist_ok=True)
    store_of(ready.context).root.write_text("in the way")
    history = ready.train(epochs=3)
    assert (len(history), history.ranked) == (3, True)
    told = [note for note in history.notes if "checkpoint" in note]
    assert len(told) == 1
    assert told[0].startswith("no checkpoints are kept of this run: ")


def test_a_full_disk_is_told_once_and_training_goes_on(ready, monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Checkpoint, "write", full)
    notices = []
    ready.events.subscribe(lambda event: isinstance(event, Noticed) and notices.append(event))
    history = ready.train(epochs=3)
    assert (len(history), history.ranked) == (3, True)
    assert [note for note in history.notes if "No space left" in note] == [
        notice.message for notice in notices
    ]
    assert len(notices) == 1


def test_the_disk_is_bounded(ready, monkeypatch):
    for _ in range(4):
        ready.train(epochs=1, val="none")
    store = store_of(ready.context)
    sizes = {run.name: run.size() for run in store.runs("red", "insects")}
    assert len(sizes) == 4
    monkeypatch.setattr("jupyter_classgame.session.runs.resumption.MEBIBYTE", 1)
    ready.config.checkpoint_cap = 3 * max(sizes.values())
    ready.train(epochs=1, val="none")
    assert {run.name for run in store.runs("red", "insects")} <= {"3", "4", "5"}
    assert store.run("red", "insects", "5").epochs() == [1]


def test_a_checkpoint_that_is_larger_than_the_cap_is_told_once(ready, monkeypatch):
    monkeypatch.setattr("jupyter_classgame.session.runs.resumption.MEBIBYTE", 1)
    ready.config.checkpoint_cap = 10
    history = ready.train(epochs=2, val="none")
    told = [note for note in history.notes if "ClassGame.checkpoint_cap" in note]
    assert len(told) == 1
    assert "more than ClassGame.checkpoint_cap (1 MiB)" in told[0]
    assert store_of(ready.context).run("red", "insects", "1").epochs()


def test_an_older_ledger_gets_the_new_table(ready, cut, reborn):
    path = ready.config.ledger_folder() / "ledger.sqlite"
    _ledgers.clear()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE classgame_run_epochs")
    connection.close()
    game = reborn()
    cut(game, 2, epochs=3)
    assert reborn().train(resume=True).ranked
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.Error, match="append-only"):
        connection.execute("DELETE FROM classgame_run_epochs")
    connection.close()


def test_the_chart_gets_the_earlier_epochs(ready, cut, reborn):
    cut(ready, 3, epochs=4)
    game, started = reborn(), []
    game.events.subscribe(lambda event: isinstance(event, RunStarted) and started.append(event))
    game.train(resume=True)
    assert [event.epoch for event in started[0].earlier] == [1, 2]


# -- a run that has ended, in a kernel that is gone ------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"keep": "best"}, {"ema": 0.5, "keep": "ema", "practice": True}],
    ids=["last", "best", "ema"],
)
def test_what_a_finished_run_left_can_be_loaded_after_a_dead_kernel(ready, reborn, options):
    before = ready.train(epochs=3, seed=3, **options)
    left, state = fingerprint(ready.namespace["model"]), ready.namespace["optimizer"].state_dict()
    ready.histories.clear()  # they end with their kernel
    game = reborn()
    names = game.namespace
    with pytest.raises(
        TrainingError, match=r"new: game\.restore\(1\) puts what is kept"
    ) as refused:
        game.train(resume=True)
    assert "from where the objects are" not in str(refused.value)
    history = game.restore(1)
    assert history.train_loss == before.train_loss
    assert history.label == "run 1: model"
    assert fingerprint(names["model"]) == left
    assert str(names["optimizer"].state_dict().keys()) == str(state.keys())
    more = game.train(epochs=1)
    assert more.ranked == ("practice" not in options)  # from the end of a ranked run
    assert game.runs().runs[-1].life_epochs == 4
    with pytest.raises(TrainingError, match="trains on from where the objects are"):
        game.train(resume=True)  # whose run is this kernel's


def test_what_cannot_be_restored_says_why_and_changes_nothing(ready, reborn, monkeypatch):
    with pytest.raises(TrainingError, match="there is no run of insects yet; %train makes one"):
        ready.restore()
    ready.train(epochs=1)
    ready.histories.clear()
    game = reborn()
    names = game.namespace
    before = fingerprint(names["model"])
    with pytest.raises(TrainingError, match="there is no run 7 of insects; %classgame runs lists"):
        game.restore(7)
    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "alive", True)  # in another kernel
        with pytest.raises(TrainingError, match="run 1 is under way"):
            game.restore(1)
    names["optimizer"] = torch.optim.Adam(names["model"].parameters())
    with pytest.raises(TrainingError, match="optimizer: it is Adam and was SGD"):
        game.restore()
    shutil.rmtree(store_of(ready.context).root)
    with pytest.raises(TrainingError, match=r"nothing of run 1 is kept .*; %train trains anew"):
        game.restore(1)
    with pytest.raises(TrainingError, match="no checkpoint of it is here; write %train without"):
        game.train(resume=True)
    assert fingerprint(names["model"]) == before


def test_the_status_says_which_run_was_cut_off_and_how_it_goes_on(ready, cut, reborn):
    assert "--resume" not in repr(ready.status())
    cut(ready, 3, epochs=5)
    game = reborn()
    told = "run 1 (model) was cut off after epoch 2: run the cells that make its objects, then "
    assert told + "%train --resume" in repr(game.status())
    game.train(resume=True)
    assert "--resume" not in repr(game.status())


# -- %train --save ---------------------------------------------------------------------------


def test_a_model_saved_under_a_name_with_ranked_in_it_is_not_taken_for_unranked(ready):
    history = ready.train(epochs=1, save="ranked_net")
    assert history.ranked
    assert any("ranked_net" in note for note in history.notes)
    assert history.unranked_reasons == ()
    assert "ranked_net" not in summary(history)


def test_a_model_is_saved_with_a_card_of_what_was_in_use(ready, namespace, tmp_path):
    ready.order("buy Speed boost, Flip trick")
    namespace["optimizer"] = sgd(namespace["model"])
    history = ready.train(epochs=2, save="small")
    again = Net()
    load_model(again, "small.safetensors")
    assert fingerprint(again) == fingerprint(namespace["model"])
    card = (tmp_path.cwd() / "small.md").read_text(encoding="utf-8")
    for text in ("insects", "red", "ant, bee, cat", "16, 16", "speed-boost", "flip-trick",
                 "load_model(model", "torch ", "run 1: model, ranked"):  # fmt: skip
        assert text in card
    in_use = card.partition("## In use")[2].partition("##")[0]
    assert "speed-boost" in in_use
    assert "flip-trick" not in in_use
    table = card.partition("## Epochs")[2]
    assert f"| 2 | {history.train_loss[1]:.4g} |" in table
    assert "saved as small.safetensors, with its card small.md" in history.notes


def test_a_file_that_is_there_is_not_overwritten(ready, tmp_path):
    cwd = tmp_path.cwd()
    (cwd / "small.md").write_text("mine")
    with pytest.raises(TrainingError, match=r"small\.md is there already .*write --save small2"):
        ready.train(epochs=1, save="small")
    assert ready.runs().runs == ()
    assert (cwd / "small.md").read_text() == "mine"

    def meanwhile(event):
        if isinstance(event, EpochEnded):
            (cwd / "small2.safetensors").write_text("mine too")

    ready.events.subscribe(meanwhile)
    history = ready.train(epochs=1, save="small2")
    assert (cwd / "small2.safetensors").read_text() == "mine too"
    assert any("saved as small22.safetensors" in note for note in history.notes)


@pytest.mark.parametrize(
    "name",
    [
        "../up", "/etc/x", "a/../../b", "", " ", ".", "..", "a/", "C:x", "~/x", "a\x00b", "a|b",
        r"\\x\y", 3,
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(ready, name):
    with pytest.raises(TrainingError, match=r"--save"):
        ready.train(epochs=1, save=name)
    assert ready.runs().runs == ()


def test_a_path_below_the_folder_is_fine(ready, tmp_path):
    ready.train(epochs=1, save="models/first.safetensors")
    assert (tmp_path.cwd() / "models" / "first.safetensors").exists()
    assert (tmp_path.cwd() / "models" / "first.md").exists()


def test_tied_weights_are_saved_so_that_load_model_finds_them(ready, namespace):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(6, 6)
            self.b = nn.Linear(6, 6)
            self.conv = nn.Conv2d(3, 6, 1)
            self.b.weight = self.a.weight
            self.head = nn.Linear(6, 3)

        def forward(self, x):
            return self.head(self.b(torch.relu(self.a(self.conv(x).mean((2, 3))))))

    net = Tied()
    ready.train(net, plain(net), epochs=1, save="tied", practice=True)
    again = Tied()
    load_model(again, "tied.safetensors")
    assert fingerprint(again) == fingerprint(net)


# -- %train --log ----------------------------------------------------------------------------


def test_an_unknown_tracker_is_refused_before_training(ready):
    with pytest.raises(TrainingError, match=r"--log tensorbord: write one of aim, .*tensorboard"):
        ready.train(epochs=1, log="tensorbord")
    assert ready.runs().runs == ()


def test_a_tracker_that_is_not_installed_is_named_with_its_package(ready, monkeypatch):
    monkeypatch.setattr("accelerate.utils.is_comet_ml_available", lambda: False)
    with pytest.raises(TrainingError, match="not installed here; run %pip install comet-ml"):
        ready.train(epochs=1, log="comet_ml")
    assert ready.runs().runs == ()


def test_tensorboard_has_every_epochs_numbers(ready, tmp_path, ci):
    if not ci:
        pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    history = ready.train(epochs=3, log="tensorboard")
    assert not [note for note in history.notes if "logged" in note]
    folder = tmp_path.cwd() / "classgame-logs" / "insects-red-run-1"
    events = EventAccumulator(str(folder))
    events.Reload()
    for name in ("train_loss", "val_acc", "lr"):
        scalars = events.Scalars(name)
        assert [scalar.step for scalar in scalars] == [1, 2, 3]
        assert [scalar.value for scalar in scalars] == pytest.approx(getattr(history, name))
    hparams = "".join(path.read_text() for path in folder.glob("*/hparams.yml"))
    assert "optimizer: SGD" in hparams
    assert json.loads(json.dumps(history.seed)) >= 0


def test_a_tracker_that_fails_is_told_once_and_training_goes_on(ready, monkeypatch):
    from accelerate import tracking

    class Broken(tracking.GeneralTracker):
        name = "broken"
        requires_logging_directory = False
        tracker = None

        def __init__(self, run_name):  # noqa: ARG002
            super().__init__()

        def log(self, values, step):  # noqa: ARG002
            raise ConnectionError("the service is away")

    monkeypatch.setitem(tracking.LOGGER_TYPE_TO_CLASS, "broken", Broken)
    history = ready.train(epochs=3, log="broken")
    assert (len(history), history.ranked) == (3, True)
    told = [note for note in history.notes if "broken" in note]
    assert told == ["no longer logged to broken: the service is away"]


def test_logging_leaves_the_users_own_accelerator_alone(ready):
    from accelerate.state import AcceleratorState

    before = dict(AcceleratorState._shared_state)
    pytest.importorskip("tensorboard")
    ready.train(epochs=1, log="tensorboard")
    assert AcceleratorState._shared_state == before
