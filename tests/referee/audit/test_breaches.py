"""What only begins while a run is under way, or only for whole batches with gradients."""

import pytest
import torch
from helpers.audited_runs import Small, images, loader, look, play
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Sampler, TensorDataset, default_collate

from jupyter_classgame.referee.audit import draws, run_audit, weights
from jupyter_classgame.referee.audit.breach import Breach
from jupyter_classgame.referee.facts import DataFacts
from jupyter_classgame.training.device.precision import Precision


@pytest.fixture(autouse=True)
def seeded(every_step):
    torch.manual_seed(0)


def only(*args, **given):
    history, breaches, _ = play(*args, **given)
    (breach,) = breaches  # the first is told, and then it is over
    assert history.failed_audits == 1
    return breach


class FlippingLater(Small):
    calls = 0

    def forward(self, x):
        self.calls += self.training
        later = self.training and self.calls > 4
        return super().forward(x.flip(-1) if later else x)


class FlippingByTurns(FlippingLater):
    def forward(self, x):
        self.calls += self.training
        return Small.forward(self, x.flip(-1) if self.training and self.calls % 2 else x)


class FlippingInPlace(FlippingLater):
    def forward(self, x):
        self.calls += self.training
        return Small.forward(self, x.copy_(x.flip(-1)) if self.training and self.calls > 4 else x)


class Noisy(FlippingLater):
    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.zeros(()))

    def forward(self, x):
        if self.training:
            self.calls += 1
            self.scale.fill_(0.3 if self.calls > 4 else 0.0)
            steps = torch.arange(x.numel()).view_as(x) + self.calls
            x = x + self.scale * torch.sin(12.9898 * steps)
        return Small.forward(self, x)


@pytest.mark.parametrize("kind", [FlippingLater, FlippingByTurns, FlippingInPlace, Noisy])
def test_images_changed_before_the_first_layer(kind):
    breach = only(kind(), facts=look(Small()))
    assert breach.what in ("model", "validation")
    assert "images" in breach.found


class LargerLater(Small):
    calls = 0

    def __init__(self):
        super().__init__()
        self.conv3 = nn.Conv2d(8, 8, 3, padding=1)

    def features(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.relu(self.conv2(x))
        self.calls += self.training
        if self.calls > 4:
            x = functional.relu(self.conv3(x))
        return functional.max_pool2d(x, 2).flatten(1)


class DroppingLargeBatches(Small):
    def forward(self, x):
        return self.fc(functional.dropout(self.features(x), 0.3, self.training and len(x) > 8))


@pytest.mark.parametrize("kind", [LargerLater, DroppingLargeBatches])
def test_a_layer_that_was_not_there(kind):
    assert only(kind(), facts=look(Small())).what == "model"


class HeavyBall(Small):
    def forward(self, x):
        if self.training and torch.is_grad_enabled():
            now = [p.detach().clone() for p in self.parameters()]
            for p, a, b in zip(self.parameters(), now, getattr(self, "old", now), strict=True):
                p.data.add_(a - b, alpha=0.9)
            self.old = now
        return super().forward(x)


def test_weights_changed_in_forward():
    breach = only(HeavyBall(), facts=look(Small()))
    assert breach.what == "weights"
    assert "within forward" in breach.found


class Meddling(Sampler):
    def __init__(self, meddle):
        self.meddle = meddle

    def __len__(self):
        return 40

    def __iter__(self):
        self.meddle()
        return iter(range(40))


def test_weights_changed_by_a_sampler(monkeypatch):
    monkeypatch.setattr(draws, "EVERY_STEP", False)  # once an epoch, which any draw sees
    model = Small()

    def shrink():
        for p in model.parameters():
            p.data.mul_(0.95)

    breach = only(model, train=loader(sampler=Meddling(shrink)))
    assert breach == Breach("weights", 1, 1, breach.expected, breach.found)
    assert "between two steps" in breach.found


def test_weights_that_are_measured_and_not_trained():
    class Averaging(Small):
        def train(self, mode=True):
            if not mode and self.training:
                for p in self.parameters():
                    p.data.mul_(0.9)
            return super().train(mode)

    breach = only(Averaging(), facts=look(Small()))
    assert breach.what == "weights"
    assert "before validation" in breach.found


class AveragedBuffers(Small):
    def __init__(self):
        super().__init__()
        self.names = [name for name, _ in self.named_parameters()]
        for name, p in list(self.named_parameters()):
            self.register_buffer(name.replace(".", "_"), p.detach().clone())

    def forward(self, x):
        held = {name: getattr(self, name.replace(".", "_")) for name in self.names}
        if self.training:
            for name, p in self.named_parameters():
                held[name].lerp_(p.detach(), 0.1)
            return super().forward(x)
        return torch.func.functional_call(PLAIN, held, x)


PLAIN = Small()


def test_other_weights_in_evaluation():
    breach = only(AveragedBuffers(), facts=look(Small()))
    assert breach.what == "validation"
    assert "ema" in breach.found


class Views(Small):
    def forward(self, x):
        if self.training:
            return super().forward(x)
        return super().forward(torch.cat([x, x.flip(-1)])).view(2, len(x), -1).mean(0)


class Blurring(Small):
    def forward(self, x):
        return super().forward(x if self.training else (x + x.roll(1, -1) + x.roll(-1, -1)) / 3)


@pytest.mark.parametrize("kind", [Views, Blurring])
def test_other_images_in_evaluation(kind):
    assert only(kind(), facts=look(Small())).what == "validation"


def test_a_loss_that_depends_on_a_count():
    count = [0]

    def criterion(outputs, targets):
        count[0] += outputs.requires_grad
        return functional.cross_entropy(outputs, targets) * 0.9 ** count[0]

    assert only(criterion=criterion).what == "loss"


def test_a_loss_of_another_kind_that_depends_on_a_count():
    count = [0]

    def criterion(outputs, targets):
        count[0] += outputs.requires_grad
        hot = functional.one_hot(targets, 4).float()
        return functional.mse_loss(outputs, hot) * 0.9 ** count[0]

    assert only(criterion=criterion).what == "loss"


def test_smoothing_of_whole_batches_only():
    def criterion(outputs, targets):
        smoothing = 0.1 if len(targets) > 8 else 0.0
        return functional.cross_entropy(outputs, targets, label_smoothing=smoothing)

    breach = only(criterion=criterion)
    assert breach.what == "loss"
    assert "label smoothing of 0.1" in breach.found


def test_images_that_the_criterion_looks_at():
    model = Small()
    extra, labels = images(5)

    def criterion(outputs, targets):
        loss = functional.cross_entropy(outputs, targets)
        if outputs.requires_grad:
            loss = loss + functional.cross_entropy(model(extra), labels)
        return loss

    assert only(model, criterion=criterion).what == "gradient"


def scaled(gradient):
    return gradient * 0.9


def dropped(gradient):
    return gradient * (torch.rand_like(gradient) > 0.2)


@pytest.mark.parametrize("hook", [scaled, dropped])
def test_hooks_on_gradients(hook):
    model = Small()
    for p in model.parameters():
        p.register_hook(hook)
    assert only(model).what == "gradient"


def test_a_foreign_optimizer_that_steps_otherwise_later():
    class Mine(torch.optim.SGD):
        pass

    model = Small()
    optimizer = Mine(model.parameters(), lr=0.05)
    step, calls = optimizer.step, []

    def shrinking():
        step()
        calls.append(1)
        for p in model.parameters():
            p.data.mul_(0.99 if len(calls) > 3 else 1.0)

    optimizer.step = shrinking
    breach = only(model, optimizer)
    assert (breach.what, breach.epoch, breach.batch) == ("step", 2, 1)


def test_weights_shrunk_after_a_scaled_step(monkeypatch):
    monkeypatch.setattr(Precision, "scaler", lambda _: torch.amp.GradScaler("cpu"))
    model = Small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    optimizer.register_step_post_hook(lambda *_: model.fc.weight.data.mul_(0.99))
    assert only(model, optimizer).what == "step"


def test_a_rate_for_the_chart_alone_is_an_edit():
    optimizer = []

    class Showing(Small):
        def eval(self):
            optimizer[0].param_groups[0]["lr"] = 0.05
            return super().eval()

    class Loader(DataLoader):
        def __iter__(self):
            yield from super().__iter__()
            optimizer[0].param_groups[0]["lr"] = 0.001

    model = Showing()
    optimizer.append(torch.optim.SGD(model.parameters(), lr=0.05))
    history = play(model, optimizer[0], train=Loader(TensorDataset(*images()), 16))[0]
    assert history.lr == [0.001, 0.001]
    assert len(history.edits) == 4


def test_gradients_that_are_not_set_to_zero():
    model = Small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    optimizer.zero_grad = lambda set_to_none=True: None
    assert only(model, optimizer).what == "gradient"


def test_a_step_that_decays_weights():
    model = Small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def decay(*_):
        for p in model.parameters():
            p.data.mul_(0.99)

    optimizer.register_step_post_hook(decay)
    assert only(model, optimizer).what == "step"


def test_images_changed_in_place_from_the_second_epoch_on():
    pictures, labels = images()
    epochs = [0]

    def turn():
        epochs[0] += 1
        if epochs[0] > 1:
            pictures.copy_(pictures.flip(-1))

    train = DataLoader(TensorDataset(pictures, labels), batch_size=16, sampler=Meddling(turn))
    breach = only(train=train)
    assert breach.what == "images"
    assert breach.batch == 0
    assert "80 different images" in breach.found


def test_images_in_another_light_from_the_third_epoch_on():
    data, labels = images()

    class Lit(Sampler):
        epoch = 0

        def __len__(self):
            return len(data)

        def __iter__(self):
            self.epoch += 1
            if self.epoch > 2:
                data.mul_(0.8)
            return iter(range(len(data)))

    train = DataLoader(TensorDataset(data, labels), batch_size=16, sampler=Lit())
    breach = only(train=train, epochs=4)
    assert breach.what == "images"
    assert "another brightness or contrast" in breach.found


def test_validation_images_that_change():
    data, labels = images(1, 24)

    class Moving(Sampler):
        epoch = 0

        def __len__(self):
            return len(data)

        def __iter__(self):
            self.epoch += 1
            if self.epoch > 1:
                data.copy_(data.roll(1, -1))
            return iter(range(len(data)))

    facts = look(Small())
    facts.val = DataFacts(size=24)
    val = DataLoader(TensorDataset(data, labels), batch_size=8, sampler=Moving())
    breach = only(val=val, facts=facts)
    assert (breach.what, breach.epoch) == ("validation", 2)


def test_a_shrinking_of_all_weights_that_no_version_counts(monkeypatch):
    monkeypatch.setattr(draws, "EVERY_STEP", False)
    monkeypatch.setattr(run_audit, "FREE", 0)
    monkeypatch.setattr(weights, "SAMPLED", 40)
    model = Small()

    def collate(samples):
        for p in model.parameters():
            p.data.mul_(0.99)
        return default_collate(samples)

    train = DataLoader(TensorDataset(*images()), batch_size=4, collate_fn=collate)
    assert only(model, train=train).what == "weights"


def test_a_number_is_compared_in_any_order_of_dimensions():
    model = Small().to(memory_format=torch.channels_last)
    watch = weights.WeightWatch(model)
    watch.keep(values=False)
    assert not watch.changed()
    for p in model.parameters():
        p.data.add_(1)
    assert watch.changed().startswith("a number of ")
