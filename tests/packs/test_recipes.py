"""Every recipe of the first game, pasted below the demo's baseline cells, trains."""

import pytest
from helpers.ipython.cells import baseline, run
from torchvision.transforms import v2

from jupyter_classgame.packs import load_pack

CATALOGUE = load_pack("first-game").catalogue
SLUGS = [item.slug for item in CATALOGUE]
AUGMENTATIONS = {
    "whirl-and-swirl": v2.RandomRotation,
    "foggy-lens": v2.RandomApply,
    "flip-trick": v2.RandomHorizontalFlip,
    "resolution-rocket": v2.RandomResizedCrop,
    "need-for-shift": v2.RandomAffine,
    "cutout-mask": v2.RandomErasing,
}
README = """
import torch
from torch import nn

train_loader = game.loader("train", batch_size=32, fraction=0.1)
val_loader = game.loader("val", batch_size=256)
layers = [nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU()]
model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(16 * 7 * 7, len(game.classes)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
"""
"""What a player has who began by the README instead of the demo."""

SMALL = """
loader_options["fraction"] = 0.1  # keeps the test short
train_loader = game.loader("train", transform=train_transform, **loader_options)
"""


def recipe(slug):
    return CATALOGUE[slug].card.recipe


def shortened(code):
    """Let what an ensemble trains be over after one epoch."""
    return code.replace("epochs=5", "epochs=1")


def start(shell, options):
    run(shell, f"%classgame new digits --seed 0 {options}", *baseline(), SMALL)
    return shell.user_ns


@pytest.mark.parametrize("slug", SLUGS)
def test_recipe_trains(shell, slug):
    ns = start(shell, "--team red")

    run(shell, f"%%shop\n{slug}", shortened(recipe(slug)), "%train --epochs 1")

    history = ns["history"]
    assert history.stopped_by == "epochs"
    assert len(history.train_loss) == len(history.val_acc) == 1
    assert ns["game"].owned == {slug: 1}


@pytest.mark.parametrize("slug", SLUGS)
def test_recipe_trains_below_the_readmes_cells(shell, slug):
    run(shell, "%classgame new digits --seed 0 --team red", README, f"%%shop\n{slug}")
    ns = shell.user_ns

    run(shell, shortened(ns["game"].recipe(slug)), "%train --epochs 1")

    assert ns["history"].stopped_by == "epochs"
    assert ns["game"].owned == {slug: 1}
    group = ns["optimizer"].param_groups[0]
    assert group.get("initial_lr", group["lr"]) == 0.02
    assert ns["train_loader"].batch_size == 32
    assert ns["train_loader"].dataset.fraction == (1.0 if slug == "info-infusion" else 0.1)


def test_below_the_readmes_cells_recipes_keep_what_is_there(shell):
    run(
        shell, "%classgame new digits --seed 0 --practice", README,
        "from torchvision.transforms import v2",
        'train_loader = game.loader("train", batch_size=8, transform=v2.RandomRotation(5))',
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.4)",
    )  # fmt: skip
    ns = shell.user_ns

    for slug in ("flip-trick", "mixup-mixer", "weight-decay"):
        run(shell, ns["game"].recipe(slug))

    used = [type(transform) for transform in ns["train_transform"].transforms]
    assert used == [v2.RandomRotation, v2.RandomHorizontalFlip]
    group = ns["optimizer"].param_groups[0]
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.5, 0.4, 5e-4)
    images, targets = next(iter(ns["train_loader"]))
    assert (images.shape[0], targets.shape) == (8, (8, 10))


def test_in_the_demo_a_recipe_needs_nothing_more(shell):
    ns = start(shell, "--practice")
    for slug in SLUGS:
        assert ns["game"].recipe(slug) == recipe(slug)


def test_a_recipe_names_what_nobody_can_make_for_a_player(shell):
    run(shell, "%classgame new digits --practice")
    code = shell.user_ns["game"].recipe("Speed boost")
    assert code.startswith("# This recipe needs, in a cell above: model\n")


def test_baseline_trains(shell):
    ns = start(shell, "--team red")

    run(shell, "%train --epochs 1")

    assert ns["history"].stopped_by == "epochs"
    assert ns["game"].owned == {}


@pytest.mark.parametrize("slug", AUGMENTATIONS)
def test_augmentation_pasted_twice_is_there_once(shell, slug):
    ns = start(shell, "--practice")

    run(shell, recipe(slug), recipe(slug))

    (transform,) = ns["train_transform"].transforms
    assert isinstance(transform, AUGMENTATIONS[slug])
    images, _ = next(iter(ns["train_loader"]))
    assert images.shape[1:] == (3, 32, 32)


@pytest.mark.parametrize("order", [SLUGS, SLUGS[::-1]], ids=["in order", "backwards"])
def test_all_recipes_in_a_row_keep_each_other(shell, order):
    ns = start(shell, "--practice")

    for slug in order:
        if slug == "ensemble-enchanter":  # it trains
            run(shell, SMALL)
        run(shell, shortened(recipe(slug)))
    run(shell, SMALL, "%train --epochs 1")

    used = {type(transform) for transform in ns["train_transform"].transforms}
    assert used == set(AUGMENTATIONS.values())
    group = ns["optimizer"].param_groups[0]
    assert (group["momentum"], group["weight_decay"]) == (0.9, 5e-4)
    assert [id(p) for p in group["params"]] == [id(p) for p in ns["model"].parameters()]
    assert ns["scheduler"].optimizer is ns["optimizer"]
    assert ns["criterion"].weight is not None
    _, targets = next(iter(ns["train_loader"]))
    assert targets.shape[1:] == (10,)  # mixup's soft targets
    assert len(ns["ensemble"].members) == 3
    assert ns["history"].stopped_by == "epochs"


def test_all_the_data(shell):
    ns = start(shell, "--team red")

    run(shell, "%%shop\nData Potion", recipe("info-infusion"))

    assert ns["train_loader"].dataset.fraction == 1.0


def test_turbo_boost_adds_a_convolution(shell):
    ns = start(shell, "--practice")
    before = sum(p.ndim == 4 for p in ns["model"].parameters())

    run(shell, recipe("neural-turbo-boost"))

    assert sum(p.ndim == 4 for p in ns["model"].parameters()) == before + 1


@pytest.mark.parametrize("last", ["neural-turbo-boost", "drop-shield"])
def test_recipes_that_edit_the_network_edit_the_one_that_is_there(shell, last):
    ns = start(shell, "--team red")
    both = ["neural-turbo-boost", "drop-shield"]
    (network,) = (cell for cell in baseline() if "class Net" in cell)
    narrow = network.replace("3, 32", "3, 16").replace("32, 64", "16, 48")  # which is free
    run(shell, f"%%shop\n{', '.join(both)}", narrow)
    for slug in sorted(both, key=lambda slug: slug == last):
        run(shell, ns["game"].recipe(slug))

    verdict = ns["game"].check()

    assert {slug: seen.count for slug, seen in verdict.in_use.items()} == dict.fromkeys(both, 1)
    assert (verdict.unowned, verdict.unused) == ([], {})
    # the card's own text, pasted as it is, undoes what the other has made
    run(shell, recipe(last))
    (line,) = ns["game"].check().unused_lines()
    assert line.endswith(": owned, not in use")
