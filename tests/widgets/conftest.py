import json
import math
from types import SimpleNamespace
from typing import ClassVar

import comm
import ipywidgets
import pytest
from comm.base_comm import BaseComm
from IPython.core.displaypub import CapturingDisplayPublisher

from jupyter_classgame.events import EpochEnded, Progress, RunEnded, RunStarted
from jupyter_classgame.session import start_game
from jupyter_classgame.training.history import History
from jupyter_classgame.widgets.comm import cell_insertion
from jupyter_classgame.widgets.comm import comm_link as classgame_comm
from jupyter_classgame.widgets.shop import counter
from jupyter_classgame.widgets.shop.shop_view import ShopView


class RecordingComm(BaseComm):
    """A comm to nobody that keeps what is sent."""

    sent: ClassVar[list] = []

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):  # noqa: ARG002
        size = len(json.dumps(data, default=str)) + sum(len(bytes(b)) for b in buffers or [])
        self.sent.append(SimpleNamespace(comm=self, type=msg_type, data=data or {}, size=size))


@pytest.fixture
def sent(monkeypatch):
    """Every comm message from here on."""
    monkeypatch.setattr(RecordingComm, "sent", [])
    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    monkeypatch.setattr(classgame_comm, "link", classgame_comm.CommLink())
    monkeypatch.setattr(cell_insertion, "PATIENCE", 600.0)  # nobody is late for being slow
    yield RecordingComm.sent
    ipywidgets.Widget.close_all()


@pytest.fixture
def outputs(shell, sent, monkeypatch):
    """What is displayed in a shell that looks like a kernel's, in order."""
    monkeypatch.setattr(shell, "kernel", SimpleNamespace(), raising=False)
    publisher = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "display_pub", publisher)
    return publisher.outputs


@pytest.fixture
def game(image_folder):
    return start_game(image_folder, team="red <b>&</b>", image_size=16)


@pytest.fixture
def view(outputs, game, monkeypatch):
    """The shop of a game, open."""
    monkeypatch.setattr(counter, "PAUSE", 0.0)  # a test sees the answer at once
    view = ShopView(game)
    view.show()
    yield view
    view.close()


def make_history(epochs=5, label="run 1: model", validated=True, start=2.0):
    """A history as the engine leaves it; accuracy rises and then falls a little."""
    loss = [start * math.exp(-e / epochs) for e in range(epochs)]
    acc = [0.9 * math.sin(2 * (e + 1) / epochs) for e in range(epochs)]
    return History(
        label=label,
        monitor="val_acc" if validated else "train_acc",
        epochs_requested=epochs,
        train_loss=loss,
        train_acc=acc,
        val_loss=[value + 0.1 for value in loss] if validated else [],
        val_acc=[value * 0.95 for value in acc] if validated else [],
        lr=[0.01] * epochs,
        seconds=[1.0] * epochs,
        best_epoch=1 + max(range(epochs), key=acc.__getitem__) if epochs else 0,
        stopped_by="epochs",
        message=f"{epochs} epochs done",
    )


@pytest.fixture
def history():
    return make_history


def ended_event(history, stopped_by="epochs", message="done"):
    """Give the event of the end of a history's run."""
    epochs = tuple(history.event(epoch) for epoch in range(1, len(history) + 1))
    return RunEnded(1, stopped_by, message, epochs, tuple(history.edits))


@pytest.fixture
def ended():
    """A function that gives the event of the end of a history's run."""
    return ended_event


@pytest.fixture
def events():
    """The events of a run that a history tells of."""

    def publish(history, batches=10):
        epochs = len(history)
        val = list(zip(history.val_loss, history.val_acc, strict=True)) or [(None, None)] * epochs
        yield RunStarted(
            1, history.label, epochs, batches, 0, "cpu", ("criterion: <none>",), history.monitor
        )
        for epoch in range(1, epochs + 1):
            loss, acc = history.train_loss[epoch - 1], history.train_acc[epoch - 1]
            for batch in range(1, batches + 1):
                left = float(epochs - epoch + 1)
                yield Progress(1, epoch, epochs, batch, batches, loss, acc, float(epoch), left)
            yield EpochEnded(
                1, epoch, epochs, loss, acc, *val[epoch - 1], 0.01, 1.0, float(epochs - epoch)
            )
        yield ended_event(history)

    return publish
