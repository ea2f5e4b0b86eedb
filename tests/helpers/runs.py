"""Runs on small models, asked for as a game asks for them, and what was to be seen in them."""

from torch import nn

from helpers.models import loader, model, sgd
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.history import History
from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import FRESH_START, RunStart

SHARED = (
    "epochs", "monitor", "keep", "precision", "accumulate", "then", "at", "sync_bn",
    "accelerate_config",
)  # fmt: skip
"""What a request takes from the options as it is."""


def quiet(event):
    """Listen to nothing."""


class Probe(Callback):
    """Looks at every step: the learning rate it is taken with, and whatever else is asked for."""

    def __init__(self, look=None):
        self.look = look
        self.rates, self.seen = [], []

    def on_gradients(self, run):
        self.rates.append(float(run.optimizer.param_groups[0]["lr"]))
        if self.look is not None:
            self.seen.append(self.look(run))


def bare_request(net=None, optimizer=None, **options):
    """Give a request without options of a run: what the loop itself takes."""
    net = net if net is not None else model()
    defaults = {
        "train_loader": loader(),
        "val_loader": loader(48, shuffle=False, seed=1),
        "criterion": nn.CrossEntropyLoss(),
        "epochs": 3,
        "devices": "cpu",
    }
    return RunRequest(net, optimizer or sgd(net), **{**defaults, **options}).checked()


def request(net=None, optimizer=None, *, probes=(), **given):
    """Give a request; options of a run become its callbacks, ``probes`` come after them."""
    net = net if net is not None else model()
    names = set(Options()) - {"devices", "seed"}
    options = Options(**{name: given.pop(name) for name in names & given.keys()})
    defaults = {
        "train_loader": loader(shuffle=False),
        "val_loader": loader(48, shuffle=False, seed=1),
        "criterion": nn.CrossEntropyLoss(),
        "devices": "cpu",
        "callbacks": (*options.callbacks(), *probes),
        **{name: getattr(options, name) for name in SHARED},
    }
    defaults["epochs"] = options.epochs or 3
    defaults["precision"] = "no"
    return RunRequest(net, optimizer or sgd(net), **{**defaults, **given}).checked()


def after(done):
    """Give the start of a run that has trained so many epochs, with numbers for them."""
    names = ("train_loss", "train_acc", "val_loss", "val_acc", "lr", "seconds")
    return RunStart(done=done, history=History(**{name: [0.5] * done for name in names}))


def run(*args, publish=quiet, control=None, start=FRESH_START, **given):
    """Train as such a request asks, and give the history."""
    return train(request(*args, **given), publish, control, start)


class Batches:
    """Batches that do something when the one of a number, from 1 over all epochs, is handed out."""

    def __init__(self, number, act, count=96, batch_size=16):
        self.batches = list(loader(count, batch_size, shuffle=False))
        self.number, self.act, self.given = number, act, 0

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        for batch in self.batches:
            self.given += 1
            if self.given == self.number:
                self.act()
            yield batch
