"""Honest notebooks of kinds seen in the wild: each uses what it says, and ends ranked.

A case is a function of a game. It gives what the notebook defines, and names the techniques that it
uses, beyond two convolutions, and the options of its run.
"""

import functools
import random

import numpy as np
import torch
import torchvision.models as zoo
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    RandomSampler,
    Sampler,
    Subset,
    TensorDataset,
    default_collate,
    random_split,
)
from torchvision.models.convnext import CNBlockConfig
from torchvision.transforms import v2

SIZE, CLASSES = 32, 6
CASES = {}


def honest(uses="", **options):
    """Register a case under its name."""

    def register(make):
        CASES[make.__name__] = make, uses.split(), options
        return make

    return register


class Net(nn.Module):
    """The baseline: two convolutions."""

    def __init__(self, width=8):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 5, padding=2)
        self.conv2 = nn.Conv2d(width, width, 5, padding=2)
        self.out = nn.Linear(width * (SIZE // 4) ** 2, CLASSES)

    def features(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)

    def forward(self, x):
        return self.out(self.features(x).flatten(1))


class Over(Dataset):
    """A dataset over another one; a case says how it gives its items."""

    def __init__(self, inner):
        self.inner = inner

    def __len__(self):
        return len(self.inner)


def kit(game, model=None, optimizer=None, **parts):
    """The baseline notebook with some parts replaced."""
    model = Net() if model is None else model
    parts.setdefault("train_loader", game.loader("train", batch_size=8))
    parts.setdefault("val_loader", game.loader("val"))
    optimizer = optimizer or (lambda weights: torch.optim.SGD(weights, lr=0.01))
    return {"model": model, "optimizer": optimizer(model.parameters()), **parts}


def shuffled(data, **options):
    return DataLoader(data, **{"batch_size": 8, "shuffle": True, **options})


def tensors(data):
    images, labels = zip(*(data[i] for i in range(len(data))))
    return torch.stack(images), torch.tensor(labels)


# -- the baseline, its loop and its loaders ------------------------------------------------------


@honest(epochs=3)
def baseline(game):
    return kit(game)


@honest(accumulate=3)
def gradients_accumulated(game):
    return kit(game)


@honest(precision="bf16")
def half_precision(game):
    return kit(game)


@honest(keep="best", patience=5)
def best_epoch_kept(game):
    return kit(game)


@honest()
def a_plain_tensor_dataset(game):
    return kit(game, train_loader=shuffled(TensorDataset(*tensors(game.dataset("train")))))


@honest()
def a_dataset_over_the_games_own(game):
    class Mine(Over):
        def __getitem__(self, index):
            return self.inner[index]

    return kit(game, train_loader=shuffled(Mine(game.dataset("train"))))


@honest()
def a_list_as_a_cache(game):
    class Cached(Dataset):
        def __init__(self, inner):
            self.items = [inner[i] for i in range(len(inner))]

        def __len__(self):
            return len(self.items)

        def __getitem__(self, index):
            return self.items[index]

    return kit(game, train_loader=shuffled(Cached(game.dataset("train"))))


@honest()
def a_cache_that_fills(game):
    class Lazy(Over):
        def __init__(self, inner):
            super().__init__(inner)
            self.seen = {}

        def __getitem__(self, index):
            if index not in self.seen:
                self.seen[index] = self.inner[index]
            return self.seen[index]

    return kit(game, train_loader=shuffled(Lazy(game.dataset("train"))))


@honest()
def a_list_cache_that_fills(game):
    class Lazy(Over):
        def __init__(self, inner):
            super().__init__(inner)
            self.seen = [None] * len(inner)

        def __getitem__(self, index):
            if self.seen[index] is None:
                self.seen[index] = self.inner[index]
            return self.seen[index]

    return kit(game, train_loader=shuffled(Lazy(game.dataset("train"))))


@honest()
def an_lru_cache(game):
    class Remembering(Over):
        @functools.lru_cache(maxsize=None)
        def __getitem__(self, index):
            return self.inner[index]

    return kit(game, train_loader=shuffled(Remembering(game.dataset("train"))))


@honest()
def halves_put_together(game):
    data = game.dataset("train")
    middle = len(data) // 2
    first, second = Subset(data, range(middle)), Subset(data, range(middle, len(data)))
    return kit(game, train_loader=shuffled(ConcatDataset([second, first])))


@honest()
def a_part_of_the_images(game):
    part, _ = random_split(game.dataset("train"), [0.8, 0.2])
    return kit(game, train_loader=shuffled(part))


@honest()
def a_collate_that_stacks(game):
    def collate(samples):
        images = torch.stack([image for image, _ in samples])
        return images, torch.as_tensor([label for _, label in samples])

    return kit(game, train_loader=shuffled(game.dataset("train"), collate_fn=collate))


@honest(epochs=3)
def a_sampler_of_ones_own(game):
    class Mixed(Sampler):
        def __init__(self, count):
            self.count = count

        def __len__(self):
            return self.count

        def __iter__(self):
            order = list(range(self.count))
            random.shuffle(order)
            return iter(order)

    data = game.dataset("train")
    return kit(game, train_loader=DataLoader(data, batch_size=8, sampler=Mixed(len(data))))


@honest()
def a_batch_sampler(game):
    data = game.dataset("train")
    batches = BatchSampler(RandomSampler(data), 8, drop_last=True)
    return kit(game, train_loader=DataLoader(data, batch_sampler=batches))


@honest(epochs=3)
def larger_batches_later(game):
    data = game.dataset("train")

    class Growing:
        epoch = 0

        def __len__(self):
            return len(data) // 4

        def __iter__(self):
            self.epoch += 1
            size = 4 if self.epoch < 2 else 8
            order = torch.randperm(len(data)).tolist()
            for start in range(0, len(order) - size + 1, size):
                yield order[start : start + size]

    return kit(game, train_loader=DataLoader(data, batch_sampler=Growing()))


@honest()
def standardised_on_both_sides(game):
    scale = v2.Normalize([0.5] * 3, [0.25] * 3)
    return kit(
        game,
        train_loader=game.loader("train", batch_size=8, transform=scale),
        val_loader=game.loader("val", transform=scale),
    )


@honest()
def standardised_by_a_collate(game):
    def collate(samples):
        images, labels = default_collate(samples)
        return (images - 0.5) / 0.25, labels

    return kit(
        game,
        train_loader=shuffled(game.dataset("train"), collate_fn=collate),
        val_loader=DataLoader(game.dataset("val"), 32, collate_fn=collate),
    )


# -- hand edits, schedules, optimizers -----------------------------------------------------------


@honest(epochs=3)
def the_rate_halved_by_hand(game):
    from jupyter_classgame.events import EpochEnded

    parts = kit(game)

    def halve(event):
        if isinstance(event, EpochEnded):
            parts["optimizer"].param_groups[0]["lr"] *= 0.5

    game.events.subscribe(halve)
    return parts


@honest("learning-rate-schedule momentum weight-decay", epochs=3)
def one_cycle(game):
    parts = kit(
        game, optimizer=lambda w: torch.optim.SGD(w, lr=0.01, momentum=0.9, weight_decay=1e-3)
    )
    parts["scheduler"] = torch.optim.lr_scheduler.OneCycleLR(
        parts["optimizer"], max_lr=0.02, total_steps=3 * len(parts["train_loader"])
    )
    return parts


@honest("learning-rate-decay", epochs=3)
def steps_down(game):
    parts = kit(game)
    parts["scheduler"] = torch.optim.lr_scheduler.StepLR(parts["optimizer"], 1, 0.5)
    return parts


@honest("momentum")
def adam(game):
    return kit(game, optimizer=lambda w: torch.optim.Adam(w, lr=1e-3))


@honest("momentum weight-decay")
def adamw_in_two_groups(game):
    model = Net()
    flat = [p for p in model.parameters() if p.ndim < 2]
    deep = [p for p in model.parameters() if p.ndim >= 2]
    groups = [{"params": deep}, {"params": flat, "weight_decay": 0.0}]
    return kit(game, model, optimizer=lambda w: torch.optim.AdamW(groups, lr=1e-3))


@honest()
def rmsprop(game):
    return kit(game, optimizer=lambda w: torch.optim.RMSprop(w, lr=1e-3))


@honest(
    "learning-rate-schedule momentum dropout batch-norm gradient-clipping ema",
    precision="bf16", accumulate=2, clip=1.0, ema=0.9,
)  # fmt: skip
def many_options_at_once(game):
    class Model(Net):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(3)

        def forward(self, x):
            return self.out(F.dropout(self.features(self.norm(x)).flatten(1), 0.3, self.training))

    parts = kit(game, Model(), lambda w: torch.optim.SGD(w, lr=0.01, momentum=0.9))
    steps = 2 * -(-len(parts["train_loader"]) // 2)
    parts["scheduler"] = torch.optim.lr_scheduler.OneCycleLR(
        parts["optimizer"], 0.02, total_steps=steps
    )
    return parts


@honest()
def an_optimizer_of_ones_own(game):
    class Descent(torch.optim.Optimizer):
        def __init__(self, weights, lr):
            super().__init__(weights, {"lr": lr})
            self.steps = 0

        @torch.no_grad()
        def step(self, _closure=None):
            self.steps += 1
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad, alpha=-group["lr"])

    return kit(game, optimizer=lambda weights: Descent(weights, 0.01))


@honest("gradient-clipping", clip=1.0)
def gradients_clipped(game):
    return kit(game)


@honest("ema", ema=0.9)
def weights_averaged(game):
    return kit(game)


@honest("label-smoothing")
def labels_smoothed(game):
    return kit(game, criterion=nn.CrossEntropyLoss(label_smoothing=0.1))


@honest()
def a_loss_written_by_hand(game):
    def loss(scores, labels):
        return -scores.log_softmax(1)[torch.arange(len(labels)), labels].mean()

    return kit(game, criterion=loss)


# -- augmentation --------------------------------------------------------------------------------


@honest("flip shift", epochs=3)
def flips_and_shifts(game):
    change = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(SIZE, padding=4)])
    return kit(game, train_loader=game.loader("train", batch_size=8, transform=change))


@honest("rotation colour-jitter cutout", epochs=3)
def a_long_pipeline(game):
    change = v2.Compose(
        [v2.RandomRotation(15), v2.ColorJitter(0.4, 0.4, 0.4), v2.RandomErasing(p=0.8)]
    )
    return kit(game, train_loader=shuffled(game.dataset("train", transform=change)))


@honest("mixup", epochs=3)
def images_mixed(game):
    mix = v2.MixUp(num_classes=CLASSES)
    collate = lambda samples: mix(*default_collate(samples))
    return kit(game, train_loader=shuffled(game.dataset("train"), collate_fn=collate))


# -- architectures -------------------------------------------------------------------------------


@honest("dropout", epochs=3)
def dropped_out(game):
    class Dropping(Net):
        def forward(self, x):
            return self.out(F.dropout(self.features(x).flatten(1), 0.3, self.training))

    return kit(game, Dropping())


@honest("batch-norm")
def batch_norm_by_function(game):
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, CLASSES),
    )
    return kit(game, model)


@honest("group-norm")
def group_norm(game):
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.GroupNorm(2, 8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.GroupNorm(2, 8),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(8 * 16, CLASSES),
    )
    return kit(game, model)


@honest("weight-norm")
def weights_normalised(game):
    model = Net()
    parametrizations.weight_norm(model.conv2)
    return kit(game, model)


@honest()
def an_orthogonal_head(game):
    model = Net()
    parametrizations.orthogonal(model.out)
    return kit(game, model)


@honest()
def weights_tied(game):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, padding=1)
            self.twice = nn.Conv2d(8, 8, 3, padding=1)
            self.out = nn.Linear(8 * 64, CLASSES)
            self.out.weight = nn.Parameter(torch.randn(CLASSES, 8 * 64) * 0.02)
            self.again = nn.Linear(8 * 64, CLASSES)
            self.again.weight = self.out.weight

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.twice(F.max_pool2d(F.relu(self.conv(x)), 2))), 2)
            return self.out(x.flatten(1)) + self.again.bias

    return kit(game, Tied())


@honest()
def compiled(game):
    return kit(game, torch.compile(Net(), backend="aot_eager"))


@honest()
def channels_last(game):
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, CLASSES),
    )
    return kit(game, model.to(memory_format=torch.channels_last))


@honest("batch-norm residual convolution")
def resnet(game):
    return kit(game, zoo.ResNet(zoo.resnet.BasicBlock, [1, 1, 1, 1], num_classes=CLASSES))


@honest("batch-norm residual convolution")
def densenet(game):
    return kit(game, zoo.DenseNet(8, (2, 2), 8, num_classes=CLASSES))


@honest("convolution dropout")
def vgg(game):
    layers = zoo.vgg.make_layers([8, "M", 8, "M", 16, "M"])
    model = zoo.VGG(layers, num_classes=CLASSES)
    model.avgpool = nn.AdaptiveAvgPool2d(2)
    model.classifier[0] = nn.Linear(16 * 4, 32)
    model.classifier[3] = nn.Linear(32, 32)
    model.classifier[6] = nn.Linear(32, CLASSES)
    return kit(game, model)


@honest("batch-norm residual convolution dropout")
def mobilenet(game):
    setting = [[1, 8, 1, 1], [4, 8, 2, 2]]
    return kit(game, zoo.MobileNetV2(CLASSES, 0.25, setting))


@honest("residual convolution layer-norm")
def convnext(game):
    blocks = [CNBlockConfig(16, 32, 1), CNBlockConfig(32, None, 1)]
    return kit(game, zoo.ConvNeXt(blocks, num_classes=CLASSES))


@honest("residual convolution layer-norm stochastic-depth", epochs=3)
def layers_skipped(game):
    blocks = [CNBlockConfig(16, 32, 1), CNBlockConfig(32, None, 2)]
    return kit(game, zoo.ConvNeXt(blocks, stochastic_depth_prob=0.3, num_classes=CLASSES))


@honest("attention residual layer-norm")
def vision_transformer(game):
    return kit(game, zoo.VisionTransformer(SIZE, 8, 2, 2, 16, 32, num_classes=CLASSES))


@honest("attention residual layer-norm")
def swin(game):
    return kit(
        game,
        zoo.SwinTransformer(
            [4, 4], 16, [1, 1], [2, 2], [4, 4], num_classes=CLASSES, stochastic_depth_prob=0.0
        ),
    )
