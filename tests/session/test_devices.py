"""A game's run on several processes: ranked, kept, resumed, exported and taken back."""

import os
import subprocess
import sys

import pytest
import torch
from helpers.models import Net, model, plain

from jupyter_classgame import start_game
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded
from jupyter_classgame.session.runs.resumption import kept_folder
from jupyter_classgame.session.runs.run_recorder import Recorder
from jupyter_classgame.shop.storage.records import RunAudits
from jupyter_classgame.training.state import file_lock

pytestmark = pytest.mark.usefixtures("every_step")


class Death(BaseException):
    """The kernel died: nothing of a run's end happens."""


def cells(namespace, game):
    namespace["model"] = model()
    namespace["optimizer"] = plain(namespace["model"])
    namespace["train_loader"] = game.loader("train", batch_size=8)
    namespace["val_loader"] = game.loader("val")


class Shrinking(Net):
    """Shrinks its weights from the fourth pass in training on, in the second process alone."""

    passes = 0

    def forward(self, x):
        self.passes += self.training
        if self.passes > 3 and os.environ.get("RANK") == "1":
            self.fc.weight.data.mul_(0.99)
        return super().forward(x)


@pytest.mark.processes
def test_a_ranked_run_is_recorded_and_kept(ready, namespace):
    history = ready.train(epochs=2, devices="cpu:2")
    assert history.ranked, history.notes
    assert history.device == "cpu:2"
    (record,) = ready.ledger.runs(ready.record)
    assert (record.epochs, record.ranked) == (2, True)
    assert sorted(kept_folder(ready.context, record).epochs()) == [1, 2]
    assert ready.train(epochs=1, devices=2).ranked  # and on from there, as from one device
    assert record.audits == RunAudits(history.audits, [], {})
    assert (history.audits, history.failed_audits) == (2 * len(namespace["train_loader"]), 0)
    namespace["model"] = Shrinking()
    namespace["optimizer"] = plain(namespace["model"])
    history = ready.train(epochs=1, devices="cpu:2")
    (breach,) = ready.ledger.runs(ready.record)[-1].audits.breaches
    assert (breach["what"], breach["epoch"], breach["batch"]) == ("weights", 1, 4)
    assert history.failed_audits == 1
    assert "no longer ranked: audit of epoch 1, batch 4: fc.weight" in history.unranked_reasons[0]


@pytest.mark.processes
def test_a_run_that_a_dead_kernel_left_goes_on_on_two_processes(image_folder, monkeypatch):
    def game_of_cells():
        namespace = {}
        game = start_game(image_folder, team="red", image_size=16, namespace=namespace)
        cells(namespace, game)
        return game, namespace

    def dying(event):
        if isinstance(event, EpochEnded) and event.epoch == 2:
            raise Death

    torch.manual_seed(0)
    first, _ = game_of_cells()
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "_end", lambda recorder, _event: recorder.keeper.wait())
        publish = Recorder.__call__

        def heard(self, event):
            publish(self, event)
            dying(event)

        patch.setattr(Recorder, "__call__", heard)
        with pytest.raises(Death):
            first.train(epochs=3, devices="cpu:2", precision="no")
    for lock in list(file_lock._held):
        file_lock.release(lock)
    again, namespace = game_of_cells()
    history = again.train(resume=True)
    assert (len(history), history.device) == (3, "cpu:2")
    assert history.ranked, history.notes
    whole, expected = game_of_cells()
    assert whole.train(epochs=3, devices="cpu", precision="no").train_loss == pytest.approx(
        history.train_loss, abs=1e-5
    )
    for one, two in zip(
        namespace["model"].parameters(), expected["model"].parameters(), strict=True
    ):
        assert torch.allclose(one, two, atol=1e-5)


@pytest.mark.processes
def test_a_job_goes_out_and_comes_back(ready, namespace, tmp_path):
    folder = tmp_path / "job"
    net = namespace["model"]
    before = [p.detach().clone() for p in net.parameters()]
    exported = ready.train(epochs=2, export_job=str(folder), precision="no")
    assert "exported" in exported.message
    assert not ready.ledger.runs(ready.record)
    assert all(map(torch.equal, before, net.parameters()))
    with pytest.raises(TrainingError, match="has not ended"):
        ready.train(import_job=str(folder))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    module = "jupyter_classgame.training.launch.job"
    subprocess.run(
        [sys.executable, "-m", module, str(folder), "--cpu"],
        env=environment, check=True, capture_output=True, timeout=200,
    )  # fmt: skip
    history = ready.train(import_job=str(folder))
    assert namespace["model"] is net
    assert (len(history), history.stopped_by, history.ranked) == (2, "epochs", False)
    assert "trained elsewhere: not ranked" in history.notes
    assert not any(map(torch.equal, before, net.parameters()))
    (record,) = ready.ledger.runs(ready.record)
    assert (record.epochs, record.ranked, record.life_epochs) == (2, False, 2)
    namespace["model"], namespace["optimizer"] = model(), plain(model())
    cells(namespace, ready)
    assert ready.train(
        epochs=2, devices="cpu", seed=history.seed, precision="no"
    ).train_loss == pytest.approx(history.train_loss, abs=1e-5)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"devices": "cpu:0"}, "at least 1 process"),
        ({"export_job": "a", "import_job": "b"}, "it does not go with --import-job"),
        ({"accelerate_config": "none.yaml"}, "it cannot be read"),
        ({"import_job": "none"}, "there is no job.json"),
    ],
)
def test_what_is_refused_leaves_no_record(ready, options, told):
    with pytest.raises(TrainingError, match=told):
        ready.train(epochs=1, **options)
    assert not ready.ledger.runs(ready.record)
