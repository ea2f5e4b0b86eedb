"""The hidden test images: whose labels count, how they are prepared, and what may be scored."""

import copy

import pytest
import torch
from helpers.models import Net, model, plain
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, default_collate
from torchvision.transforms import v2

from jupyter_classgame import start_game
from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.evaluation.model_ensemble import Ensemble
from jupyter_classgame.session.image_preparation import Preparation
from jupyter_classgame.session.runs import run_recorder
from jupyter_classgame.session.scoring.final_images import GameImages

SCALED = v2.Normalize([0.5] * 3, [0.1] * 3)


@pytest.fixture
def trained(ready, namespace):
    ready.train(epochs=2)
    return ready


@pytest.fixture
def forgetful(ready):
    """Another kernel: nothing is known of earlier runs but what the ledger has."""
    ready.context.preparations.clear()


def true_accuracy(net, images):
    source = images.test
    scores = net.eval()(source.images(range(len(source))) / 255)
    return float((scores.argmax(1) == torch.from_numpy(source.labels)).float().mean())


def attempts(game):
    return len(game.ledger.finals(game.record))


def test_the_labels_are_those_of_the_hidden_images(trained, namespace):
    score = trained.evaluate(final=True)
    assert score.accuracy == pytest.approx(true_accuracy(namespace["model"], trained.images))


def sees_the_labels(samples):
    images, labels = default_collate(samples)
    images[:, 0, 0, 0] = labels  # what a pixel says of its label
    return images, labels


def test_labels_are_not_shown_to_the_users_code(ready):
    images = GameImages(ready.images, Preparation(None, sees_the_labels))
    order = [*images.hidden, 0, *images.hidden]
    batches = list(images.batches(order, size=5))
    labels = torch.cat([labels for _, labels in batches])
    shown = torch.cat([images[:, 0, 0, 0] for images, _ in batches])
    test, val = ready.images.test.labels.tolist(), ready.images.val.labels.tolist()
    assert labels.tolist() == [*test, val[0], *test]
    assert 0 < float((shown == labels).float().mean()) < 0.8


@pytest.mark.parametrize(
    "collate",
    [
        lambda samples: (default_collate(samples)[0], torch.zeros(len(samples), dtype=torch.int64)),
        lambda samples: default_collate(samples[: len(samples) // 2]),
        lambda samples: default_collate(samples[::-1]),
    ],
)
def test_a_collate_that_is_more_than_a_preparation_is_refused(
    trained, namespace, forgetful, collate
):
    namespace["val_loader"] = DataLoader(trained.dataset("val"), 64, collate_fn=collate)
    images = GameImages(trained.images, Preparation.of(namespace["val_loader"]))
    with pytest.raises(EvaluationError, match="other images or labels than it was given"):
        list(images.batches(images.hidden))
    with pytest.raises(EvaluationError, match=r"does not compute|other images or labels"):
        trained.evaluate(final=True)
    assert attempts(trained) == 0


def test_labels_of_the_models_own_score_nothing(ready, namespace):
    net = namespace["model"]

    def flattering(samples):
        images, _ = default_collate(samples)
        with torch.no_grad():
            return images, net(images).argmax(1)

    val = DataLoader(ready.dataset("val"), 64, collate_fn=flattering)
    assert ready.train(val=val, epochs=1).ranked
    with pytest.raises(EvaluationError, match="other images or labels than it was given"):
        ready.evaluate(final=True)


class Wrapper(Dataset):
    def __init__(self, inner):
        self.inner = self.dataset = inner

    def __len__(self):
        return len(self.inner)

    def __getitem__(self, index):
        image, label = self.inner[index]
        return SCALED(image), label


@pytest.mark.parametrize(
    ("make", "known"),
    [
        (lambda data: data, True),
        (lambda data: Subset(data, [0, 1]), True),
        (lambda data: ConcatDataset([data, Subset(data, [0])]), True),
        (Wrapper, False),
        (lambda data: [data[0]], False),
    ],
)
def test_a_preparation_is_read_off_a_loader(ready, make, known):
    data = ready.dataset("val", transform=SCALED)
    found = Preparation.of(DataLoader(make(data), 2))
    assert (found is not None) is known
    if found:
        assert found.transform is SCALED


def test_different_transforms_in_one_loader_are_no_preparation(ready):
    both = ConcatDataset([ready.dataset("val"), ready.dataset("val", transform=SCALED)])
    assert Preparation.of(DataLoader(both, 2)) is None


def test_images_are_prepared_as_the_run_had_them_whatever_the_loader_is_called(ready, namespace):
    del namespace["val_loader"]
    namespace["a"] = ready.loader("train", batch_size=8, transform=SCALED)
    namespace["b"] = ready.loader("val", transform=SCALED)
    ready.train(data=namespace["a"], val=namespace["b"], epochs=2)
    source = ready.images.test
    images = SCALED(source.images(range(len(source))) / 255)
    right = namespace["model"].eval()(images).argmax(1) == torch.from_numpy(source.labels)
    assert ready.evaluate(final=True).accuracy == pytest.approx(float(right.float().mean()))


def test_without_a_loader_to_tell_a_transformed_run_is_not_scored(ready, namespace, forgetful):
    del namespace["val_loader"]
    transformed = ready.loader("train", batch_size=8, transform=SCALED)
    ready.train(data=transformed, epochs=1)
    with pytest.raises(EvaluationError, match="there is no val_loader"):
        ready.evaluate(final=True)
    namespace["val_loader"] = ready.loader("val", transform=SCALED)
    assert ready.evaluate(final=True).used == 1


def test_another_kernel_must_prepare_the_images_the_same_way(ready, namespace, forgetful):
    namespace["val_loader"] = ready.loader("val", transform=SCALED)
    ready.train(data=ready.loader("train", batch_size=8, transform=SCALED), epochs=1)
    ready.context.preparations.clear()
    namespace["val_loader"] = ready.loader("val")
    with pytest.raises(EvaluationError, match="the way val_loader prepares images was changed"):
        ready.evaluate(final=True)
    namespace["val_loader"] = ready.loader("val", transform=v2.Normalize([0.5] * 3, [0.1] * 3))
    assert ready.evaluate(final=True).used == 1


def flipping(net):
    forward = net.forward
    net.forward = lambda images: (forward(images) + forward(images * 0.9)) / 2


def hooked(net):
    net.register_forward_hook(lambda module, given, scores: scores + scores.roll(1, 1))


def other_class(net):
    class Twice(Net):
        def forward(self, images):
            return super().forward(images.flip(1))

    net.__class__ = Twice


@pytest.mark.parametrize("change", [flipping, hooked, other_class])
def test_a_model_that_computes_something_else_is_not_scored(trained, namespace, change):
    net = namespace["model"]
    before = copy.deepcopy(net)
    change(net)
    with pytest.raises(
        EvaluationError, match=r"model does not compute what it did at the end of run 1"
    ):
        trained.evaluate(final=True)
    assert attempts(trained) == 0
    assert trained.evaluate(before, final=True).used == 1


def mirrored(net):
    forward = net.forward

    def joined(images):
        return forward(images) if net.training else forward(images) + forward(images.flip(3))

    net.forward = joined


def test_where_answers_were_not_known_nothing_unowned_may_run(ready, namespace):
    namespace["val_loader"] = DataLoader(Wrapper(ready.dataset("val")), 8)
    assert ready.train(epochs=1).ranked
    assert ready.runs().runs[0].answers is None
    with pytest.raises(EvaluationError, match="how to prepare the hidden ones is not known"):
        ready.evaluate(final=True)
    namespace["val_loader"] = ready.loader("val", transform=SCALED)
    whole = copy.deepcopy(namespace["model"])
    mirrored(namespace["model"])
    with pytest.raises(EvaluationError, match=r"more than run 1 \(model\) was judged for: .*tta"):
        ready.evaluate(final=True)
    assert ready.evaluate(whole, final=True).used == 1


def test_a_model_built_anew_in_another_kernel_is_scored(
    trained, namespace, image_folder, forgetful
):
    again = model(seed=3)
    again.load_state_dict(namespace["model"].state_dict())
    other = start_game(image_folder, team="red", image_size=16, namespace=namespace)
    assert other.evaluate(again, final=True).used == 1


def test_only_the_votes_of_its_members_count_in_an_ensemble(ready, namespace):
    ready.buy("ensembling")
    nets = [model(seed=seed) for seed in (1, 2)]
    for net in nets:
        ready.train(net, plain(net), epochs=1)
    voting = ready.ensemble(nets)
    expected = true_accuracy(Ensemble(nets), ready.images)
    voting.forward = lambda images: nn.functional.one_hot(torch.zeros(len(images)).long(), 3)
    assert ready.evaluate(voting, final=True).accuracy == pytest.approx(expected)
    flipping(nets[1])
    ready.reset(yes=True)  # the record stays: the same weights again are known
    assert ready.evaluate(voting, final=True).repeated


def test_a_run_leaves_random_numbers_and_modes_as_they_were(ready, namespace):
    net = namespace["model"].eval()
    torch.manual_seed(7)
    state = torch.get_rng_state()
    ready.train(epochs=1, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert not net.training
    answers = ready.runs().runs[0].answers
    assert sorted(answers.images) == list(range(len(ready.images.val)))
    assert set(answers.classes) <= {0, 1, 2}
    assert len(answers.scores) == len(ready.images.val)


def by_place(net, right, since):
    """Answer from a table once so many images were asked about, one after the other."""
    forward, asked = net.forward, [0]

    def read(images):
        start = asked[0] - since
        asked[0] += len(images)
        if start < 0:
            return forward(images)
        rows = (torch.arange(start, start + len(images)) % len(right)).tolist()
        return 9.0 * nn.functional.one_hot(right[rows], 3)

    net.forward = read


def by_content(net, images, right):
    """Answer from a table of the hidden images themselves, whatever their order."""
    forward = net.forward
    table = {
        image.numpy().tobytes(): int(label) for image, label in zip(images, right, strict=True)
    }

    def read(shown):
        scores = forward(shown)
        for place, image in enumerate(shown):
            if (label := table.get(image.numpy().tobytes())) is not None:
                scores[place] = 9.0 * nn.functional.one_hot(torch.tensor(label), 3)
        return scores

    net.forward = read


def test_a_table_of_the_hidden_images_is_no_model(trained, namespace):
    test = trained.images.test
    by_content(namespace["model"], test.images(range(len(test))) / 255, test.labels)
    with pytest.raises(EvaluationError, match="model does not compute what it did at the end"):
        trained.evaluate(final=True)
    assert attempts(trained) == 0


def of_the_batch(net):
    forward = net.forward
    net.forward = lambda images: forward(images) * (1 + 10 * images[0].mean())


@pytest.mark.parametrize("seen", [0, 1])
def test_a_table_of_the_hidden_labels_is_no_model(trained, namespace, seen):
    test = trained.images.test
    images = len(trained.images.val) * seen
    by_place(namespace["model"], torch.from_numpy(test.labels), images)
    with pytest.raises(EvaluationError, match="model does not compute what it did at the end"):
        trained.evaluate(final=True)
    assert attempts(trained) == 0


def test_a_model_whose_answers_depend_on_the_batch_is_judged_by_what_it_does(ready, namespace):
    of_the_batch(namespace["model"])
    ready.train(epochs=1)
    assert ready.runs().runs[0].answers is None
    assert ready.evaluate(final=True).used == 1


class Growing(Net):
    """Asks others about images, where it has some, or where there are many images."""

    many = 1000

    def __init__(self):
        super().__init__()
        self.others = []

    def forward(self, x):
        views = [x, x.flip(-1)] if not self.training and len(x) > self.many else [x]
        return sum(super(Growing, self).forward(view) for view in views) + sum(
            other(x) for other in self.others
        )


def test_members_that_join_after_the_run_are_not_scored(ready):
    net = Growing()
    assert ready.train(net, plain(net), epochs=1).ranked
    net.others = [model(seed=3)]
    with pytest.raises(EvaluationError, match="changed"):
        ready.evaluate(net, final=True)
    assert attempts(ready) == 0


def test_views_that_only_many_images_get_cost_the_rank(ready, monkeypatch):
    monkeypatch.setattr(run_recorder, "ASKING", 60.0)  # however slow the machine
    net = Growing()
    net.conv.weight.data[:, :, :, 0] += 1  # so that a mirrored image is another one
    net.many = 100
    history = ready.train(net, plain(net), epochs=1)
    assert not history.ranked
    assert "in a batch of 256 images" in history.unranked_reasons[-1]
