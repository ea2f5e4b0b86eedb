"""The options of a run go past the referee like everything else, and do not break its rank."""

import pytest
import torch
from helpers.models import model, plain, sgd
from torch import nn
from torchvision.transforms import v2

from jupyter_classgame import start_game
from jupyter_classgame.errors import OrderError, TrainingError
from jupyter_classgame.events import EpochEnded, Judged
from jupyter_classgame.session.verdicts import RefusedError

FREE = "ema", "gradient-clipping", "label-smoothing", "mixup"


@pytest.fixture
def liberal(image_folder, tmp_path, namespace):
    """A game whose pack frees what the first game forbids."""
    pack = tmp_path / "pack.toml"
    free = ", ".join(f'"{name}"' for name in (*FREE, "momentum", "learning-rate-schedule"))
    pack.write_text(
        'format = 1\nname = "liberal"\ntitle = "Liberal"\nsummary = "All is free"\n'
        f'extends = "first-game"\n[rules]\nfree = [{free}]\n'
        f'[data]\nsource = "folder"\npath = "{image_folder}"\nimage_size = [16, 16]\n'
    )
    game = start_game(pack, team="red", namespace=namespace)
    torch.manual_seed(0)
    namespace["model"] = model()
    namespace["optimizer"] = plain(namespace["model"])
    namespace["train_loader"] = game.loader("train", batch_size=8)
    namespace["val_loader"] = game.loader("val")
    return game


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"ema": 0.9}, "not allowed in this game: ema: --ema 0.9; take it out"),
        ({"clip": 1.0}, "not allowed in this game: gradient-clipping: --clip 1; take it out"),
        ({"smooth": "0.1:0.0"}, "not allowed in this game: label-smoothing: --smooth 0.1:0; tak"),
        ({"warmup": 2}, r"not owned: Rate rollercoaster \(10 B NN\): --warmup 2"),
    ],
)
def test_an_option_that_is_priced_is_held_against_the_wallet(ready, namespace, option, message):
    with pytest.raises(RefusedError, match=message):
        ready.train(epochs=1, **option)
    assert ready.histories == []
    assert not ready.train(epochs=1, practice=True, **option).ranked


def test_early_stopping_accumulation_and_the_best_epoch_are_free(ready):
    history = ready.train(epochs=2, patience=1, min_delta=0.01, keep="best", accumulate=2)
    assert history.ranked
    assert ready.runs().runs[0].in_use == {}


def test_what_is_bought_may_be_used_and_is_recorded(ready, namespace):
    ready.buy("Rate rollercoaster")
    history = ready.train(epochs=3, warmup=2)
    assert history.ranked
    assert ready.runs().runs[0].in_use == {"rate-rollercoaster": 1}
    assert history.lr == pytest.approx([0.15, 0.3, 0.3])
    with pytest.raises(OrderError, match="Rate rollercoaster was used in ranked run 1"):
        ready.return_("Rate rollercoaster")


def test_a_warm_up_that_is_over_is_not_in_use(ready):
    ready.buy("Rate rollercoaster")
    ready.train(epochs=2, warmup=2)
    ready.train(epochs=1, warmup=2)
    assert [run.in_use for run in ready.runs().runs] == [{"rate-rollercoaster": 1}, {}]


def test_the_optimizer_that_takes_over_is_looked_at_too(ready, namespace):
    net = namespace["model"]
    second = sgd(net, weight_decay=0.01)
    with pytest.raises(RefusedError) as refused:
        ready.train(epochs=2, then=second, at=2)
    assert set(refused.value.verdict.unowned) == {"speed-boost", "weight-decay"}
    assert "--then: SGD: momentum=0.9" in str(refused.value)
    ready.order("buy Speed boost, Weight decay")
    history = ready.train(epochs=2, then=second, at=2)
    assert history.ranked
    assert all("momentum_buffer" in state for state in second.state.values())


def test_so_is_its_schedule(ready, namespace):
    net = namespace["model"]
    second = plain(net, lr=0.1)
    namespace["scheduler"] = torch.optim.lr_scheduler.LambdaLR(
        second, lambda epoch: 1 / (1 + epoch)
    )
    with pytest.raises(RefusedError, match=r"Rate rollercoaster \(10 B NN\): scheduler: LambdaLR"):
        ready.train(epochs=3, then=second, at=2)
    ready.buy("Rate rollercoaster")
    history = ready.train(epochs=3, then=second, at=2)
    assert history.ranked
    assert history.lr == pytest.approx([0.3, 0.1, 0.05])
    with pytest.raises(TrainingError, match="the scheduler belongs to another optimizer"):
        ready.train(epochs=1)


def test_a_run_with_everything_on_keeps_its_rank(liberal, namespace):
    namespace["train_loader"] = liberal.loader(
        "train", batch_size=8, batch_transform=v2.MixUp(num_classes=3)
    )
    namespace["criterion"] = nn.CrossEntropyLoss()
    second = sgd(namespace["model"])
    verdicts = []
    liberal.events.subscribe(lambda e: verdicts.append(e) if isinstance(e, Judged) else None)
    history = liberal.train(
        epochs=4, warmup=2, ema=0.9, keep="ema", clip=1.0, mix_until=2, smooth="0.1:0.0",
        then=second, at=3, accumulate=2, patience=9,
    )  # fmt: skip
    assert history.ranked, history.notes
    assert len(history.ema_val_acc) == 4
    in_use = verdicts[0].verdict.in_use
    texts = {name: evidence.text for name, evidence in in_use.items()}
    assert texts["ema"] == "--ema 0.9"
    assert texts["gradient-clipping"] == "--clip 1"
    assert texts["label-smoothing"] == "--smooth 0.1:0"
    assert texts["rate-rollercoaster"] == "--warmup 2"
    assert texts["speed-boost"].startswith("--then: SGD: momentum=0.9")
    assert {"mixup-mixer", "mixup"} & texts.keys()
    assert verdicts[0].verdict.findings == []
    again = liberal.train(epochs=1)
    assert again.ranked, again.notes  # the average is known as the end of a run


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda n: setattr(n["criterion"], "label_smoothing", 0.4), "the criterion changed"),
        (
            lambda n: n["second"].param_groups[0].update(momentum=0.5),
            "the parameter groups of --then changed",
        ),
        (lambda n: n["optimizer"].param_groups[0].update(momentum=0.5), "the optimizer's param"),
    ],
)
def test_what_a_hand_changes_is_still_told(liberal, namespace, edit, told):
    namespace["criterion"] = nn.CrossEntropyLoss()
    namespace["second"] = plain(namespace["model"])

    def meddle(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            edit(namespace)

    liberal.events.subscribe(meddle)
    history = liberal.train(
        epochs=3, smooth="0.1:0.0", warmup=1, then=namespace["second"], at=2, ema=0.9
    )
    assert not history.ranked
    assert any(note.startswith(f"no longer ranked: {told}") for note in history.notes)


def test_a_rate_that_a_warm_up_tames_is_no_error_of_the_coach(ready, namespace):
    ready.buy("Rate rollercoaster")
    optimizer = plain(namespace["model"], lr=1e18)
    with pytest.raises(RefusedError, match="with a learning rate of 1e\\+18"):
        ready.train(optimizer=optimizer, epochs=1)
    told = []
    ready.events.subscribe(told.append)
    ready.train(optimizer=optimizer, epochs=1, warmup=50)
    (verdict,) = [event.verdict for event in told if isinstance(event, Judged)]
    assert verdict.findings == []


def test_a_smoothing_that_rests_while_images_are_mixed_is_no_finding(liberal, namespace):
    namespace["train_loader"] = liberal.loader(
        "train", batch_size=8, batch_transform=v2.MixUp(num_classes=3)
    )
    namespace["criterion"] = nn.CrossEntropyLoss(label_smoothing=0.1)
    codes = [finding.code for finding in liberal.check().findings]
    assert codes == ["smoothing-on-mixup"]
    told = []
    liberal.events.subscribe(told.append)
    liberal.train(epochs=2, mix_until=1, smooth="0.1:0.0")
    (verdict,) = [event.verdict for event in told if isinstance(event, Judged)]
    assert verdict.findings == []


def test_a_mistake_leaves_no_run_behind(ready, namespace):
    first = namespace["optimizer"]
    cycle = torch.optim.lr_scheduler.OneCycleLR(first, 0.1, total_steps=99)
    for option, message in (
        ({"warmup": 1, "scheduler": cycle}, "^--warmup 1: OneCycleLR"),
        ({"mix_until": 1}, "^--mix-until 1"),
        ({"smooth": "0.1:0", "criterion": nn.MSELoss()}, "^--smooth 0.1:0"),
        ({"then": plain(model()), "at": 2}, "^--then: this SGD holds none"),
        ({"then": plain(namespace["model"]), "at": 5}, "^--at 5: the run has 2 epochs"),
    ):
        with pytest.raises(TrainingError, match=message):
            ready.train(epochs=2, **option)
    assert ready.histories == []
    assert ready.runs().runs == ()
