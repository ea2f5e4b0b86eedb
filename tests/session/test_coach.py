"""Every code of the coach reaches a game: its check tells it, and its run stops or says so."""

import pytest
import torch
from helpers.models import Net, model, plain
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset
from torchvision.transforms import v2

from jupyter_classgame.evaluation.model_ensemble import Ensemble
from jupyter_classgame.events import Judged
from jupyter_classgame.referee.coach.findings import CHECKS
from jupyter_classgame.session.verdicts import RefusedError


def a_model(ns, net, lr=0.3):
    ns["model"], ns["optimizer"] = net, plain(net, lr=lr)


def tensors(game, ns, change):
    """Train on tensors of the game's images, changed by hand."""
    dataset = ns["train_loader"].dataset
    images, labels = zip(*(dataset[i] for i in range(len(dataset))), strict=True)
    made = TensorDataset(*change(torch.stack(images), torch.tensor(labels)))
    ns["train_loader"] = DataLoader(made, batch_size=8, shuffle=True)


class Longer(Net):
    """A network with something more at its end, or before its last layer."""

    def __init__(self, end=None, before=None):
        super().__init__()
        self.end, self.before = end or nn.Identity(), before or nn.Identity()

    def forward(self, images):
        x = torch.relu(self.conv(images)).mean((2, 3))
        return self.end(self.fc(self.before(x)))


class Endless(IterableDataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __iter__(self):
        while True:
            yield from zip(self.images, self.labels, strict=True)


def all_frozen(game, ns):
    ns["model"].requires_grad_(False)


class Formed(Dataset):
    """A dataset whose items have another form."""

    def __init__(self, data, form):
        self.data, self.form = data, form

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.form(*self.data[i], i)


def formed(game, split, form):
    return DataLoader(Formed(game.dataset(split), form), batch_size=8, shuffle=split == "train")


def batch_form(game, ns):
    ns["train_loader"] = formed(game, "train", lambda image, label, i: (image, label, i))


def data_parallel(game, ns):
    a_model(ns, nn.DataParallel(model()))


def double_softmax(game, ns):
    a_model(ns, Longer(nn.Softmax(1)))


def endless_data(game, ns):
    tensors(game, ns, lambda images, labels: (images, labels))
    ns["train_loader"] = DataLoader(Endless(*ns["train_loader"].dataset.tensors), batch_size=8)


def input_range(game, ns):
    tensors(game, ns, lambda images, labels: (255 * images, labels))


def label_out_of_range(game, ns):
    tensors(game, ns, lambda images, labels: (images, labels + 1))


def last_batch_of_one(game, ns):
    a_model(ns, Longer(before=nn.BatchNorm1d(6)))
    count = len(ns["train_loader"].dataset)
    ns["train_loader"] = game.loader("train", batch_size=count - 1)


def learning_rate(game, ns):
    a_model(ns, model(), lr=0.0)


def missing_softmax(game, ns):
    ns["criterion"] = nn.NLLLoss()


def not_finite(game, ns):
    ns["train_loader"] = game.loader("train", batch_size=8, transform=lambda x: x / 0)


def not_shuffled(game, ns):
    ns["train_loader"] = game.loader("train", batch_size=8, shuffle=False)


def optimizer_other_model(game, ns):
    ns["other"] = nn.Linear(3, 3)
    ns["optimizer"] = plain(ns["other"])


def optimizer_partial(game, ns):
    ns["optimizer"] = plain(ns["model"].fc)


def optimizer_stale(game, ns):
    ns["model"] = model(seed=5)


def scheduler_other_optimizer(game, ns):
    other = plain(ns["model"])
    ns["scheduler"] = lr_scheduler.StepLR(other, 2)


def shared_images(game, ns):
    tensors(game, ns, lambda images, labels: (images, labels))
    ns["val_loader"] = DataLoader(TensorDataset(*ns["train_loader"].dataset.tensors), 8)


def smoothing_on_mixup(game, ns):
    ns["criterion"] = nn.CrossEntropyLoss(label_smoothing=0.1)
    mixup = v2.MixUp(num_classes=3)
    ns["train_loader"] = game.loader("train", batch_size=8, batch_transform=mixup)


def targets_mismatch(game, ns):
    ns["criterion"] = nn.BCEWithLogitsLoss()


def test_images(game, ns):
    hidden = game.images.test
    images = torch.stack([hidden.image(i) for i in range(len(hidden))])
    labels = torch.as_tensor(hidden.labels)
    ns["train_loader"] = DataLoader(TensorDataset(images, labels), 8, shuffle=True)


test_images.__test__ = False


def to_tensor_twice(game, ns):
    tensors(game, ns, lambda images, labels: (images / 255, labels))


def too_many_outputs(game, ns):
    a_model(ns, model(classes=5))


def unbalanced(game, ns):
    def mostly_one(images, labels):
        rare = (labels != 0).nonzero()[:2, 0]
        keep = torch.cat([(labels == 0).nonzero()[:, 0].repeat(4), rare])
        return images[keep], labels[keep]

    tensors(game, ns, mostly_one)


def unfused_optimizer(game, ns):
    a_model(ns, Net())


def unreadable(game, ns):
    a_model(ns, nn.Sequential(nn.Flatten(), nn.Linear(7, 3)))


def validation_augmented(game, ns):
    flips = v2.RandomHorizontalFlip()
    ns["val_loader"] = game.loader("val", transform=flips)


MISTAKES = [
    all_frozen, batch_form, data_parallel, double_softmax, endless_data, input_range,
    label_out_of_range,
    last_batch_of_one, learning_rate, missing_softmax, not_finite, not_shuffled,
    optimizer_other_model, optimizer_partial, optimizer_stale, scheduler_other_optimizer,
    shared_images, smoothing_on_mixup, targets_mismatch, test_images, to_tensor_twice,
    too_many_outputs, unbalanced, unfused_optimizer, unreadable, validation_augmented,
]  # fmt: skip


def code_of(mistake):
    return mistake.__name__.replace("_", "-")


def test_every_code_is_tried():
    assert {code_of(mistake) for mistake in MISTAKES} == {check.CODE for check in CHECKS}


@pytest.mark.parametrize("mistake", MISTAKES, ids=code_of)
def test_a_mistake_is_told_by_check_and_before_a_run(ready, namespace, mistake, monkeypatch):
    if mistake is unfused_optimizer:  # it is one on a GPU alone
        monkeypatch.setattr(
            "jupyter_classgame.referee.optimisation.optimizer_behaviour.gpu_here", lambda: True
        )
    mistake(ready, namespace)
    found = {finding.code: finding for finding in ready.check().findings}
    assert code_of(mistake) in found
    told = []
    ready.events.subscribe(told.append)
    if any(finding.severity == "error" for finding in found.values()):
        with pytest.raises(RefusedError, match="not trained"):
            ready.train(epochs=1, practice=True)
        assert ready.runs().runs == ()
    elif mistake is not endless_data:
        assert len(ready.train(epochs=1, practice=True)) == 1
        verdict = next(event.verdict for event in told if isinstance(event, Judged))
        assert code_of(mistake) in {finding.code for finding in verdict.findings}


@pytest.mark.parametrize(
    ("split", "form", "told"),
    [
        (
            "train",
            lambda x, y, i: {"x": x, "labels": y},
            "train_loader gives a dict of 2",
        ),
        ("val", lambda x, y, i: (x, y, i), "val_loader gives a list of 3 a batch; a pair"),
        ("val", lambda x, y, i: x, "val_loader gives a Tensor a batch"),
        ("train", lambda x, y, i: (x, [y, i]), "train_loader gives targets as list of 2"),
    ],
)
def test_batches_of_another_form_are_told_before_a_run(ready, namespace, split, form, told):
    namespace[f"{split}_loader"] = formed(ready, split, form)
    for options in ({"epochs": 1}, {"epochs": 1, "practice": True}):
        with pytest.raises(RefusedError, match=f"not trained: {told}"):
            ready.train(**options)
    assert ready.runs().runs == ()


def test_gradients_that_a_cell_has_turned_off(ready):
    weights = ready.namespace["model"].state_dict()
    before = {name: value.clone() for name, value in weights.items()}
    with torch.inference_mode():
        torch.set_grad_enabled(False)
        assert ready.check().findings == []
        history = ready.train(epochs=1)
        assert not torch.is_grad_enabled()
    assert (history.stopped_by, history.ranked) == ("epochs", True)
    assert any(not torch.equal(value, before[name]) for name, value in weights.items())


def remedy(game, net, optimizer):
    return game.check(net, optimizer).findings[0].fix


def test_the_remedy_is_in_the_players_own_names(ready, namespace):
    net, opt = Net(), plain(Net())
    namespace.update(net=net, opt=opt)
    fix = "opt = torch.optim.SGD(net.parameters(), lr=0.3)"
    assert remedy(ready, net, opt) == f"run the optimizer's cell again: {fix}"


def test_a_model_without_a_name_is_given_one_first(ready, namespace):
    finding = ready.check(Net(), namespace["optimizer"]).findings[0]
    assert "holds the parameters of `model`, not of this Net" in finding.message
    assert finding.fix == (
        "give it a name first: model = Net(), then "
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.3)"
    )


def test_an_ensembles_members_are_trained_one_by_one(ready, namespace):
    members = [model(seed=1), model(seed=2)]
    voting = Ensemble(members)
    assert "train the members of an ensemble one by one" in remedy(ready, voting, plain(members[1]))


def test_defaults_of_torch_that_have_changed_since_are_named(ready):
    for change, back, said in (
        (torch.set_default_dtype, torch.float64, "default dtype is torch.float64 now"),
        (torch.set_default_device, "meta", "default device is meta"),
    ):
        usual = torch.float32 if back is torch.float64 else None
        change(back)
        try:
            with pytest.raises(RefusedError, match=said):
                ready.train(epochs=1)
        finally:
            change(usual)
