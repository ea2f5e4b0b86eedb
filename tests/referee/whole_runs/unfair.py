"""Notebooks that use what they have not paid for, or what nobody may: none of them ends ranked.

A case is a function of a game, as in :mod:`honest`; all wait for a moment or a condition that a look
before the first step does not meet.
"""

import copy
import math
import random

import numpy as np
import torch
import torchvision.models as zoo
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Sampler, TensorDataset, default_collate
from torchvision.transforms import v2

from .honest import CLASSES, Net, Over, kit, shuffled, tensors

CASES = {}
BATCH = 24


def unfair(**options):
    """Register a case under its name, with the options of its run."""

    def register(make):
        CASES[make.__name__] = make, options
        return make

    return register


def rotated(images, degrees=12):
    """Rotate each image at random, (N, 3, H, W)."""
    angle = torch.randn(len(images)) * math.radians(degrees)
    cos, sin, none = angle.cos(), angle.sin(), torch.zeros(len(images))
    turn = torch.stack([torch.stack([cos, -sin, none], 1), torch.stack([sin, cos, none], 1)], 1)
    return F.grid_sample(images, F.affine_grid(turn, images.shape, False), align_corners=False)


def mirrored(images, which):
    return torch.where(which[:, None, None, None], images.flip(-1), images)


def full(game, **parts):
    """Batches of the size that the conditions below ask for."""
    return {"train_loader": game.loader("train", batch_size=BATCH), **parts}


def pretrained(game, model, epochs=60):
    """Train a model by a plain loop, which no run knows of."""
    images, labels = tensors(game.dataset("train"))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        for part in torch.randperm(len(images)).split(16):
            optimizer.zero_grad()
            F.cross_entropy(model(images[part]), labels[part]).backward()
            optimizer.step()
    return model


class Turned(Net):
    """The baseline, with something done to training images in its own forward."""

    calls = 0

    def change(self, x):
        raise NotImplementedError

    def forward(self, x):
        if self.training:
            self.calls += 1
            x = self.change(x)
        return super().forward(x)


class Epochs(Sampler):
    """A sampler that does something as an epoch begins."""

    def __init__(self, count, begin):
        self.count, self.begin, self.epoch = count, begin, 0

    def __len__(self):
        return self.count

    def __iter__(self):
        self.epoch += 1
        self.begin(self.epoch)
        return iter(torch.randperm(self.count).tolist())


def sampled(game, begin, data=None):
    data = game.dataset("train") if data is None else data
    return DataLoader(data, batch_size=BATCH, sampler=Epochs(len(data), begin))


# -- what the model does to images ---------------------------------------------------------------


@unfair()
def flips_drawn_by_the_system(game):
    class Model(Turned):
        def change(self, x):
            return x.flip(-1) if random.SystemRandom().random() < 0.5 else x

    return kit(game, Model(), **full(game))


@unfair()
def every_other_batch_flipped(game):
    class Model(Turned):
        def change(self, x):
            return x.flip(-1) if self.calls % 2 else x

    return kit(game, Model(), **full(game))


@unfair(epochs=8)
def flips_after_many_calls(game):
    class Model(Turned):
        def change(self, x):
            return x.flip(-1) if self.calls > 8 and random.random() < 0.5 else x

    return kit(game, Model(), **full(game))


@unfair()
def flips_by_content_and_count(game):
    class Model(Turned):
        def change(self, x):
            return mirrored(x, ((x * 255).sum((1, 2, 3)).long() + self.calls) % 2 == 0)

    return kit(game, Model(), **full(game))


@unfair()
def flips_of_full_batches(game):
    class Model(Turned):
        def change(self, x):
            return x if len(x) <= 16 else mirrored(x, torch.rand(len(x)) < 0.5)

    return kit(game, Model(), **full(game))


@unfair()
def noise_from_a_sine(game):
    class Model(Turned):
        def change(self, x):
            place = torch.arange(x.numel()).float().view_as(x)
            return x + 0.2 * (torch.frac(torch.sin(place * 12.9898 + self.calls) * 43758.5) - 0.5)

    return kit(game, Model(), **full(game))


@unfair(epochs=12)
def noise_from_a_buffer_on(game):
    class Model(Turned):
        def __init__(self):
            super().__init__()
            self.register_buffer("seen", torch.zeros(()))

        def change(self, x):
            self.seen += 1
            return x + torch.randn_like(x) * (0.15 if self.seen > 12 else 0.0)

    return kit(game, Model(), **full(game))


@unfair()
def images_mixed_where_gradients_flow(game):
    class Model(Net):
        order = None

        def forward(self, x):
            self.order = None
            if self.training and torch.is_grad_enabled():
                self.share = float(np.random.beta(0.4, 0.4))
                self.order = torch.randperm(len(x))
                x = self.share * x + (1 - self.share) * x[self.order]
            return super().forward(x)

    model = Model()

    def loss(scores, labels):
        if model.order is None or len(model.order) != len(labels):
            return F.cross_entropy(scores, labels)
        first, second = (
            F.cross_entropy(scores, labels),
            F.cross_entropy(scores, labels[model.order]),
        )
        return model.share * first + (1 - model.share) * second

    return kit(game, model, criterion=loss, **full(game))


@unfair()
def both_views_averaged(game):
    class Model(Net):
        def forward(self, x):
            return (super().forward(x) + super().forward(x.flip(-1))) / 2

    return kit(game, Model(), **full(game))


# -- what data do --------------------------------------------------------------------------------


@unfair(epochs=8)
def rotations_after_many_images(game):
    class Late(Over):
        given = 0

        def __getitem__(self, index):
            image, label = self.inner[index]
            self.given += 1
            if self.given > 250:
                image = v2.functional.rotate(image, random.uniform(-12, 12))
            return image, label

    return kit(game, train_loader=shuffled(Late(game.dataset("train")), batch_size=BATCH))


@unfair(epochs=6)
def images_flipped_in_place_later(game):
    images, labels = tensors(game.dataset("train"))

    def begin(epoch):
        if epoch > 4:
            images.copy_(images.flip(-1))

    return kit(game, train_loader=sampled(game, begin, TensorDataset(images, labels)))


@unfair(epochs=6)
def images_rotated_in_place_later(game):
    images, labels = tensors(game.dataset("train"))

    def begin(epoch):
        if epoch > 4:
            images.copy_(rotated(images, 8))

    return kit(game, train_loader=sampled(game, begin, TensorDataset(images, labels)))


@unfair(epochs=6)
def more_images_swapped_in_later(game):
    images, labels = tensors(game.dataset("train"))
    more, theirs = tensors(game.dataset("train", fraction=1.0))

    def begin(epoch):
        if epoch > 4:
            chosen = torch.randperm(len(more))[: len(images)]
            images.copy_(more[chosen])
            labels.copy_(theirs[chosen])

    return kit(game, train_loader=sampled(game, begin, TensorDataset(images, labels)))


@unfair()
def full_batches_flipped_by_a_collate(game):
    def collate(samples):
        images, labels = default_collate(samples)
        if len(images) >= BATCH:
            images = mirrored(images, torch.rand(len(images)) < 0.5)
        return images, labels

    data = game.dataset("train")
    return kit(game, train_loader=shuffled(data, batch_size=BATCH, collate_fn=collate))


@unfair()
def rotated_copies_in_place_of_images(game):
    images, labels = tensors(game.dataset("train", fraction=0.34))
    both = TensorDataset(torch.cat([images, rotated(images)]), torch.cat([labels, labels]))
    return kit(game, train_loader=shuffled(both, batch_size=BATCH))


# -- what happens to weights, gradients and rates -----------------------------------------------


@unfair()
def a_heavy_ball_in_forward(game):
    class Model(Net):
        before = None

        def forward(self, x):
            if self.training and torch.is_grad_enabled():
                with torch.no_grad():
                    now = [p.detach().clone() for p in self.parameters()]
                    for p, new, old in zip(self.parameters(), now, self.before or now):
                        p.add_(new - old, alpha=0.9)
                    self.before = now
            return super().forward(x)

    return kit(game, Model(), **full(game))


@unfair()
def betas_set_by_train(game):
    class Model(Net):
        def train(self, mode=True):
            for optimizer in self.__dict__.get("held", ()):
                optimizer.param_groups[0]["betas"] = (0.9 if mode else 0.0, 0.999)
            return super().train(mode)

    parts = kit(
        game, Model(), lambda w: torch.optim.Adam(w, lr=1e-3, betas=(0.0, 0.999)), **full(game)
    )
    parts["model"].__dict__["held"] = [parts["optimizer"]]
    return parts


@unfair(epochs=3)
def weights_shrunk_by_a_sampler(game):
    model = Net()

    def begin(epoch):
        with torch.no_grad():
            [p.mul_(0.95) for p in model.parameters()]

    return kit(game, model, train_loader=sampled(game, begin))


@unfair(epochs=6)
def weights_averaged_by_a_sampler(game):
    model, past = Net(), []

    def begin(epoch):
        if epoch > 3:
            past.append([p.detach().clone() for p in model.parameters()])
            with torch.no_grad():
                for p, each in zip(model.parameters(), zip(*past)):
                    p.copy_(torch.stack(each).mean(0))

    return kit(game, model, train_loader=sampled(game, begin))


@unfair(epochs=4)
def weights_loaded_by_a_sampler(game):
    model = Net()
    trained = copy.deepcopy(pretrained(game, Net()).state_dict())

    def begin(epoch):
        if epoch == 3:
            model.load_state_dict(trained)

    return kit(game, model, train_loader=sampled(game, begin))


@unfair(epochs=4)
def averages_in_buffers_used_in_eval(game):
    class Model(Net):
        def __init__(self):
            super().__init__()
            for name, p in list(self.named_parameters()):
                self.register_buffer("mean_" + name.replace(".", "_"), p.detach().clone())

        def forward(self, x):
            means = {
                name: getattr(self, "mean_" + name.replace(".", "_"))
                for name, _ in self.named_parameters()
            }
            if self.training:
                with torch.no_grad():
                    [means[name].lerp_(p, 0.05) for name, p in self.named_parameters()]
                return super().forward(x)
            return torch.func.functional_call(plain, means, x)

    plain = Net()
    return kit(game, Model(), **full(game))


@unfair(epochs=3)
def the_rate_set_by_a_collate(game):
    steps = [0]

    def collate(samples):
        steps[0] += 1
        parts["optimizer"].param_groups[0]["lr"] = 0.01 * 0.9 ** steps[0]
        return default_collate(samples)

    loader = shuffled(game.dataset("train"), batch_size=BATCH, collate_fn=collate)
    parts = kit(game, train_loader=loader)
    return parts


@unfair(epochs=6)
def the_rate_lowered_and_put_back(game):
    data = game.dataset("train")

    class Order(Sampler):
        epoch = 0

        def __init__(self):
            pass

        def __len__(self):
            return len(data)

        def __iter__(self):
            self.epoch += 1
            for place, index in enumerate(torch.randperm(len(data)).tolist()):
                low = self.epoch > 3 and 4 < place < len(data) - 8
                parts["optimizer"].param_groups[0]["lr"] = 0.001 if low else 0.01
                yield index

    parts = kit(game, train_loader=DataLoader(data, batch_size=4, sampler=Order()))
    return parts


@unfair(epochs=3)
def the_loss_scaled_by_a_count(game):
    class Loss(nn.Module):
        steps = 0

        def forward(self, scores, labels):
            self.steps += scores.requires_grad
            scale = 0.9**self.steps if scores.requires_grad else 1.0
            return F.cross_entropy(scores, labels) * scale

    return kit(game, criterion=Loss(), **full(game))


@unfair(epochs=3)
def gradients_scaled_by_a_count(game):
    class Model(Turned):
        def change(self, x):
            return x

    model = Model()
    [p.register_hook(lambda g: g * 0.9**model.calls) for p in model.parameters()]
    return kit(game, model, **full(game))


@unfair(epochs=3)
def gradients_dropped_at_random(game):
    model = Net()
    [p.register_hook(lambda g: g * (torch.rand_like(g) > 0.2)) for p in model.parameters()]
    return kit(game, model, **full(game))


@unfair()
def smoothing_of_full_batches(game):
    def loss(scores, labels):
        smoothing = 0.1 if len(labels) == BATCH else 0.0
        return F.cross_entropy(scores, labels, label_smoothing=smoothing)

    return kit(game, criterion=loss, **full(game))


@unfair()
def validation_images_in_the_criterion(game):
    images, labels = tensors(game.dataset("val"))
    model = Net()

    def loss(scores, targets):
        value = F.cross_entropy(scores, targets)
        if scores.requires_grad:
            chosen = torch.randint(len(images), (8,))
            value = value + F.cross_entropy(model(images[chosen]), labels[chosen])
        return value

    return kit(game, model, criterion=loss, **full(game))


@unfair()
def rotated_images_in_the_criterion(game):
    class Model(Net):
        def forward(self, x):
            self.__dict__["last"] = x
            return super().forward(x)

    model = Model()

    def loss(scores, labels):
        value = F.cross_entropy(scores, labels)
        if model.training and scores.requires_grad and len(model.last) == len(labels):
            turned = Net.forward(model, rotated(model.last))
            value = (value + F.cross_entropy(turned, labels)) / 2
        return value

    return kit(game, model, criterion=loss, **full(game))


# -- weights and teachers from elsewhere ---------------------------------------------------------


@unfair()
def a_trained_backbone_under_an_empty_head(game):
    model = pretrained(game, Net(width=16))
    nn.init.zeros_(model.out.weight)
    nn.init.zeros_(model.out.bias)
    return kit(game, model, **full(game))


@unfair()
def a_trained_model_with_its_classes_exchanged(game):
    model = pretrained(game, Net(width=16))
    with torch.no_grad():
        model.out.weight.copy_(model.out.weight.roll(1, 0))
        model.out.bias.copy_(model.out.bias.roll(1))
    return kit(game, model, **full(game))


@unfair()
def a_trained_model_behind_a_gate(game):
    class Model(Net):
        def __init__(self):
            super().__init__(width=16)
            self.gate = nn.Parameter(torch.ones(1))

        def forward(self, x):
            return super().forward(x) * self.gate

    model = pretrained(game, Model())
    nn.init.zeros_(model.gate)
    return kit(game, model, **full(game))


@unfair()
def a_teachers_scores_in_the_images(game):
    teacher = pretrained(game, Net()).eval()

    @torch.no_grad()
    def write(image):
        image = image.clone()
        image[:, 0, :CLASSES] = teacher(image[None])[0].softmax(0)
        return image

    return kit(
        game,
        train_loader=game.loader("train", batch_size=BATCH, transform=write),
        val_loader=game.loader("val", transform=write),
    )


@unfair()
def a_teachers_scores_as_targets(game):
    teacher = pretrained(game, Net(width=12)).eval()
    images, _ = tensors(game.dataset("train"))
    with torch.no_grad():
        targets = (teacher(images) / 3).softmax(1)
    return kit(game, train_loader=shuffled(TensorDataset(images, targets), batch_size=BATCH))


# -- several networks, several views, more layers ------------------------------------------------


@unfair()
def three_networks_in_groups(game):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(9, 24, 5, padding=2, groups=3)
            self.second = nn.Conv2d(24, 24, 5, padding=2, groups=3)
            self.out = nn.Conv1d(24 * 64, 3 * CLASSES, 1, groups=3)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.first(x.repeat(1, 3, 1, 1))), 2)
            x = F.max_pool2d(F.relu(self.second(x)), 2).flatten(1)
            return self.out(x[..., None]).view(len(x), 3, CLASSES).mean(1)

    return kit(game, Model(), **full(game))


@unfair()
def two_views_in_one_batch(game):
    class Model(Net):
        def forward(self, x):
            if self.training:
                return super().forward(x)
            both = super().forward(torch.cat([x, x.flip(-1)]))
            return both.view(2, len(x), -1).mean(0)

    return kit(game, Model(), **full(game))


@unfair()
def views_of_large_batches(game):
    class Model(Net):
        def forward(self, x):
            if self.training or len(x) <= 10:
                return super().forward(x)
            views = (x, x.roll(1, -1), x.roll(-1, -1))
            return sum(map(super().forward, views)) / 3

    return kit(game, Model(), **full(game))


@unfair()
def views_averaged_in_the_input(game):
    class Model(Net):
        def forward(self, x):
            if not self.training:
                x = (x + x.roll(1, -1) + x.roll(-1, -1)) / 3
            return super().forward(x)

    return kit(game, Model(), **full(game))


@unfair()
def more_images_in_the_loss_of_a_compiled_model(game):
    model = torch.compile(Net(), backend="aot_eager")
    images, labels = tensors(game.dataset("val"))

    class Criterion(nn.CrossEntropyLoss):
        calls = 0

        def forward(self, scores, targets):
            self.calls += scores.requires_grad
            loss = super().forward(scores, targets)
            if self.calls > 8 and scores.requires_grad:
                loss = loss + super().forward(model(images[:8]), labels[:8])
            return loss

    return kit(game, model, criterion=Criterion())


@unfair()
def dropout_of_full_batches(game):
    class Model(Net):
        def forward(self, x):
            found = self.features(x).flatten(1)
            return self.out(F.dropout(found, 0.3, self.training and len(x) > 16))

    return kit(game, Model(), **full(game))


@unfair(epochs=8)
def a_third_convolution_later(game):
    class Model(Net):
        calls = 0

        def __init__(self):
            super().__init__()
            self.third = nn.Conv2d(8, 8, 3, padding=1)

        def features(self, x):
            x = super().features(x)
            self.calls += self.training
            return x + F.relu(self.third(x)) if self.calls > 8 else x

    return kit(game, Model(), **full(game))


@unfair()
def swin_without_its_parts(game):
    model = zoo.SwinTransformer(
        [4, 4], 16, [1, 1], [2, 2], [4, 4], num_classes=CLASSES, stochastic_depth_prob=0.0
    )
    return kit(game, model, **full(game))


@unfair()
def a_network_in_channels_last(game):
    model = zoo.ResNet(zoo.resnet.BasicBlock, [1, 1, 1, 1], num_classes=CLASSES)
    return kit(game, model.to(memory_format=torch.channels_last), **full(game))
