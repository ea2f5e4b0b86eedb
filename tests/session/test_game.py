import warnings
from dataclasses import replace

import pytest
import torch
from helpers.models import model, plain, sgd
from torch.utils.data import ConcatDataset, DataLoader, Subset

from jupyter_classgame import ClassGameWarning, start_game
from jupyter_classgame.errors import ClassGameError, DataError, LedgerError, OrderError
from jupyter_classgame.events import WalletChanged
from jupyter_classgame.session.verdicts import RefusedError
from jupyter_classgame.widgets.cards.status_card import status_html


def test_buying_and_returning(game):
    told = []
    game.events.subscribe(told.append)
    receipt = game.buy("Flip trick")
    assert (receipt.after, game.balance, game.owned) == (90, 90, {"flip-trick": 1})
    game.buy("neural-turbo-boost", 2)
    game.return_("flip")
    assert game.owned == {"neural-turbo-boost": 2}
    assert [type(event) for event in told] == [WalletChanged] * 3
    assert [event.balance for event in told] == [90, 50, 60]


def test_a_second_kernel_of_the_team_is_seen_at_once(game, image_folder):
    other = start_game(image_folder, team="red", image_size=16)
    other.buy("flip")
    assert game.owned == {"flip-trick": 1}


def test_an_order_that_changes_nothing_tells_nobody(game):
    game.buy("flip")
    told = []
    game.events.subscribe(told.append)
    assert not game.buy("flip").changed
    assert told == []


def test_reset_starts_the_wallet_over(game):
    game.buy("flip")
    game.reset(yes=True)
    assert (game.owned, game.balance) == ({}, 100)


def test_what_was_bought_is_told_of_though_the_wallet_cannot_be_read_again(game, monkeypatch):
    def fail(_self, _game):
        raise LedgerError("the ledger is out of reach")

    heard = []
    game.events.subscribe(heard.append)
    monkeypatch.setattr(type(game.ledger), "holdings", fail)
    receipt = game.buy("flip")
    game.reset(yes=True)
    assert receipt.after == 90
    assert [(event.balance, dict(event.owned)) for event in heard] == [
        (90, {"flip-trick": 1}),
        (100, {}),
    ]
    assert [event.changes for event in heard] == [receipt.changes, ()]


def test_a_listener_that_fails_does_not_undo_an_order(game, caplog):
    game.events.subscribe(lambda event: 1 / 0)
    game.buy("flip")
    assert game.owned == {"flip-trick": 1}
    assert "a listener failed" in caplog.text


def test_the_base_fraction_is_free(game):
    assert game.fraction == 0.7
    assert game.dataset("train").fraction == 0.7
    assert len(game.dataset("train")) < len(game.dataset("val", fraction=1.0)) * 4
    assert game.dataset("val").fraction == 1.0


def test_a_smaller_share_is_part_of_a_larger(game):
    with pytest.warns(ClassGameWarning, match=r'buy "Info infusion"'):
        whole = game.dataset("train", fraction=1.0)
    base = game.dataset("train")
    assert set(base.indices) < set(whole.indices)


def test_with_info_infusion_the_whole_is_owned_and_must_be_asked_for(game):
    game.buy("data potion")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = game.dataset("train", fraction=1.0)
    assert len(whole) > len(game.dataset("train"))


def test_the_warning_points_at_the_users_line(game):
    with pytest.warns(ClassGameWarning) as caught:
        game.dataset("train", fraction=1.0)
    assert caught[0].filename == __file__
    with pytest.warns(ClassGameWarning) as caught:
        game.loader("train", fraction=1.0)
    assert caught[0].filename == __file__


def test_the_test_images_stay_hidden(game):
    with pytest.raises(DataError, match="stay hidden"):
        game.dataset("test")
    with pytest.raises(DataError, match="stay hidden"):
        game.loader("test")
    with pytest.raises(DataError, match="no split"):
        game.dataset("tset")


def test_a_loader_is_an_ordinary_one(game):
    loader = game.loader("train", batch_size=8, num_workers=0, drop_last=True)
    assert type(loader) is DataLoader
    images, labels = next(iter(loader))
    assert images.shape == (8, 3, 16, 16)
    assert labels.dtype == torch.int64
    assert loader.drop_last
    first, again = (torch.cat([labels for _, labels in loader]) for _ in range(2))
    assert not torch.equal(first, again)
    val = game.loader("val")
    assert torch.equal(next(iter(val))[1], next(iter(val))[1])


def test_a_sampler_stands_for_shuffling(game):
    sampler = torch.utils.data.SequentialSampler(game.dataset("train"))
    assert game.loader("train", sampler=sampler).sampler is sampler


def test_a_transform_gets_a_float_tensor(game):
    seen = []
    game.dataset("train", transform=lambda image: seen.append(image) or image)[0]
    assert seen[0].dtype == torch.float32
    assert seen[0].shape == (3, 16, 16)


def test_a_batch_transform_gets_the_whole_batch(game):
    def negative(images, labels):
        return 1 - images, labels

    plain = next(iter(game.loader("val")))[0]
    assert torch.allclose(next(iter(game.loader("val", batch_transform=negative)))[0], 1 - plain)


def test_show_has_a_sample_of_every_class(game):
    sheet = game.show()
    assert sorted(sheet.labels) == ["ant", "bee", "cat"]
    assert sheet.images[0].shape == (16, 16, 3)


def test_the_status_sums_the_game_up(ready):
    ready.buy("flip")
    ready.train(epochs=1)
    status = ready.status()
    assert (status.team, status.balance, status.runs) == ("red", 90, 1)
    assert status.best.number == 1
    assert sum(status.images) == 60
    text = repr(status)
    assert "Flip trick" in text
    assert "90 B NN left of 100 B NN" in text
    ready.reset(yes=True)
    assert (ready.status().best, ready.status().runs) == (None, 1)


def test_game_stays_whole_after_a_refused_order(game):
    with pytest.raises(OrderError, match="short"):
        game.order("buy Ensemble enchanter, Neural turbo boost x 3")
    assert (game.owned, game.balance) == ({}, 100)


@pytest.mark.parametrize("order", [3, None, ["buy flip-trick"], b"buy flip-trick"])
def test_an_order_that_is_no_text_is_refused_in_a_line(game, order):
    with pytest.raises(OrderError, match="an order is text, not a "):
        game.order(order)
    with pytest.raises(OrderError, match="an item's name is needed, not a "):
        game.buy(order)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: DataLoader(data, 4),
        lambda data: DataLoader(ConcatDataset([Subset(data, [0]), _rest(data)]), 4),
        lambda data: DataLoader(Subset(data, range(30)), 4),
        lambda data: Batches(DataLoader(data, 4)),
    ],
)
def test_more_than_is_owned_stops_a_run_before_it_begins(ready, wrap):
    with pytest.warns(ClassGameWarning):
        data = ready.dataset("train", fraction=1.0)
    net = model()
    with pytest.raises(RefusedError, match=r"Info infusion \(20 B NN\): train_loader: ") as refused:
        ready.train(net, sgd(net), data=wrap(data))
    assert refused.value.verdict.unowned == ["speed-boost", "info-infusion"]
    assert "%%shop buy Speed boost, Info infusion" in str(refused.value)
    assert ready.runs().runs == ()
    assert len(ready.train(net, plain(net), data=wrap(data), epochs=1, practice=True)) == 1


def _rest(data):
    return Subset(data, range(1, len(data)))


class Batches:
    """A loader of the user's own, which has no indices to count."""

    def __init__(self, loader):
        self.loader, self.dataset = loader, loader.dataset

    def __iter__(self):
        return iter(self.loader)


def test_as_many_images_as_are_owned_may_be_any(ready):
    with pytest.warns(ClassGameWarning):
        data = ready.dataset("train", fraction=1.0)
    net = model()
    few = DataLoader(Subset(data, range(len(data) - len(ready.dataset("train")), len(data))), 4)
    assert ready.check(net, plain(net), train_loader=few).in_use == {}
    assert ready.train(net, plain(net), data=few, epochs=1).ranked


def test_a_reset_by_code_demands_a_yes(game):
    game.buy("flip")
    for given in ({}, {"yes": False}):
        with pytest.raises(
            ClassGameError, match=r"nothing was reset; write game.reset\(yes=True\)"
        ):
            game.reset(**given)
    assert game.owned == {"flip-trick": 1}


def test_the_limits_of_the_pack_are_in_the_status(game):
    rules = game.pack.rules
    text = repr(game.status())
    assert f"limits    {rules.max_epochs} epochs in a model's life" in text
    assert replace(game.status(), max_epochs=100_000).limits_text().startswith("100,000 epochs")
    assert "begin" not in text  # in a script nothing is inserted
    lacking = replace(game.status(), complete=False)
    assert "begin     %classgame start inserts the baseline's cells" in repr(lacking)
    assert "data-classgame-baseline" in status_html(lacking)
    assert "data-classgame-baseline" not in status_html(game.status())
    assert (
        f"final     0 of {rules.final_attempts} attempts used, {rules.final_attempts} left" in text
    )
