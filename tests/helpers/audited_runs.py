"""Small runs with every step audited."""

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from jupyter_classgame.referee import Facts, techniques_in_use
from jupyter_classgame.referee.audit.expectations import Expectations
from jupyter_classgame.referee.audit.run_audit import RunAudit
from jupyter_classgame.referee.facts import DataFacts, ImageFacts
from jupyter_classgame.referee.model.traced_passes import observe_model
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl

IMAGES, CLASSES, SIZE = 40, 4, 16


class Small(nn.Module):
    """Two convolutions and a linear layer."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 16, CLASSES)

    def features(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        return functional.max_pool2d(functional.relu(self.conv2(x)), 2).flatten(1)

    def forward(self, x):
        return self.fc(self.features(x))


def images(seed=0, count=IMAGES):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % CLASSES
    return torch.rand(count, 3, SIZE, SIZE, generator=generator), labels


def loader(data=None, **given):
    given = {"batch_size": 16, "shuffle": True} | given
    if given.get("sampler") is not None:
        given.pop("shuffle")
    return DataLoader(TensorDataset(*(data or images())), **given)


def look(model, count=IMAGES):
    """What a look before the run would have found, with loaders that change nothing."""
    model_facts = observe_model(model, images()[0][:8])
    return Facts(model=model_facts, train=DataFacts(), images=ImageFacts(distinct=count))


def play(model=None, optimizer=None, criterion=None, *, train=None, val=None, epochs=2, facts=None,
         audited=True, owned=(), **more):  # fmt: skip
    """Train, and give the history, the breaches, and what could not be audited."""
    model = Small() if model is None else model
    request = RunRequest(
        model,
        optimizer or torch.optim.SGD(model.parameters(), lr=0.05),
        loader() if train is None else train,
        criterion or nn.CrossEntropyLoss(),
        loader(images(1, 24), shuffle=False) if val is None else val,
        epochs=epochs,
        **more,
    )
    run = launch_run(request, RunControl())
    breaches = []
    audit = None
    if audited:
        facts = facts or look(model)
        usual = techniques_in_use(facts)

        def judged(seen):
            return [
                f"{name}: {found.text}"
                for name, found in techniques_in_use(seen).items()
                if name not in owned and (name not in usual or found.count > usual[name].count)
            ]

        audit = RunAudit(Expectations.of(facts), judged, breaches.append)
        run.auditor = audit
    history = run.execute(lambda event: None)
    return history, breaches, audit.impossible if audit else {}
