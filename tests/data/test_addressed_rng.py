import random

import numpy as np
import pytest
import torch
from scipy import stats

from jupyter_classgame.data.addressed_rng import (
    Draws,
    random_state_kept,
    seed_sample,
    seeded,
    stream_within,
)

CPU = torch.device("cpu")
MANY = 20_000
KINDS = {
    "uniform": lambda draws: draws.uniform(3, 4),
    "between": lambda draws: draws.between(3, -2, 5),
    "integers": lambda draws: draws.integers(3, 10, 4),
    "normal": lambda draws: draws.normal(3, 4),
    "orders": lambda draws: draws.orders(3, 4),
    "noise": lambda draws: draws.noise(3, (3, 5, 5), CPU),
    "seeds": lambda draws: torch.tensor(draws.seeds(3)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_draw_does_not_depend_on_the_batch(kind):
    draw = KINDS[kind]
    whole = draw(Draws(7, 2, range(50)))
    order = np.random.default_rng(0).permutation(50)
    assert torch.equal(draw(Draws(7, 2, order)), whole[order])
    assert torch.equal(draw(Draws(7, 2, [31])), whole[31:32])
    assert torch.equal(draw(Draws(7, 2, range(50)).take(torch.tensor([4, 9]))), whole[[4, 9]])


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_address_counts(kind):
    draw = KINDS[kind]
    here = draw(Draws(7, 2, range(50)))
    assert torch.equal(draw(Draws(7, 2, range(50))), here)
    for there in (Draws(8, 2, range(50)), Draws(7, 3, range(50)), Draws(7, 2, range(50, 100))):
        assert not torch.equal(draw(there), here)
    assert not torch.equal(Draws(7, 2, [0]).uniform(3, 4), Draws(7, 2, [0]).uniform(4, 4))


def test_seeds_and_epochs_are_not_added_up():
    pairs = [(1, 23), (12, 3), (3, 12), (0, 0), (2**63 - 1, 0), (0, 2**40)]
    first = {tuple(Draws(seed, epoch, [0]).uniform(0, 3)[0].tolist()) for seed, epoch in pairs}
    assert len(first) == len(pairs)


def test_uniform_draws_are_uniform():
    values = Draws(0, 0, range(MANY)).uniform(1, 5).numpy()
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() < 1
    for column in values.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001
    for bit in range(24):  # each of the bits a float32 holds
        ones = int(((values * 2**24).astype(np.int64) >> bit & 1).sum())
        assert stats.binomtest(ones, values.size).pvalue > 0.0001


def test_uniform_draws_fill_the_square():
    values = Draws(1, 0, range(MANY)).uniform(1, 2).numpy()
    counts = np.histogram2d(*values.T, bins=12, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(counts.ravel()).pvalue > 0.001


def test_integers_orders_and_bounds():
    draws = Draws(0, 0, range(MANY))
    numbers = draws.integers(1, 7, 2)
    assert stats.chisquare(numbers.flatten().bincount(minlength=7)).pvalue > 0.001
    orders = (draws.orders(2, 4) * torch.tensor([64, 16, 4, 1])).sum(1).unique(return_counts=True)
    assert len(orders[1]) == 24
    assert stats.chisquare(orders[1]).pvalue > 0.001
    between = draws.between(3, -2, 5)
    assert stats.kstest(between, stats.uniform(-2, 7).cdf).pvalue > 0.001
    assert draws.between(3, 2.5, 2.5).unique().tolist() == [2.5]


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_events_happen_as_often_as_they_should(p):
    chosen = Draws(0, 0, range(MANY)).chosen(1, p)
    assert stats.binomtest(len(chosen), MANY, p).pvalue > 0.001
    assert (len(chosen) in (0, MANY)) == (p in (0, 1))


def test_normal_draws_and_noise_are_normal():
    draws = Draws(0, 0, range(500))
    for values in (draws.normal(1, 40), draws.noise(2, (3, 4, 5), CPU)):
        assert stats.kstest(values.flatten(), "norm").pvalue > 0.001
        assert stats.kstest(values.flatten() ** 2, stats.chi2(1).cdf).pvalue > 0.001
    assert draws.noise(2, (1, 3, 3), CPU).shape == (500, 1, 3, 3)  # an odd number of pixels


def correlation(one, other):
    return abs(float(np.corrcoef(np.ravel(one), np.ravel(other))[0, 1])) * np.ravel(one).size ** 0.5


def test_neighbours_have_nothing_in_common():
    values = Draws(5, 9, range(MANY + 1)).uniform(1, 3).numpy()
    pairs = [
        (values[1:], values[:-1]),
        (values[:, 0], values[:, 1]),
        (values, Draws(5, 10, range(MANY + 1)).uniform(1, 3)),
        (values, Draws(6, 9, range(MANY + 1)).uniform(1, 3)),
        (values, Draws(5, 9, range(MANY + 1)).uniform(2, 3)),
        (values[:, :2], Draws(5, 9, range(MANY + 1)).uniform(1, 3)[:, 1:]),
    ]
    for one, other in pairs:
        assert correlation(one, other) < 4
        assert correlation(np.abs(one - 0.5), np.abs(np.asarray(other) - 0.5)) < 4


def test_noise_of_neighbours_has_nothing_in_common():
    noise = Draws(5, 9, range(200)).noise(1, (3, 16, 16), CPU).numpy()
    half = noise.reshape(200, 2, -1)
    pairs = [
        (noise[1:], noise[:-1]),
        (noise[..., 1:], noise[..., :-1]),
        (half[:, 0], half[:, 1]),  # the two sides of one pair of uniform draws
        (noise, Draws(5, 10, range(200)).noise(1, (3, 16, 16), CPU)),
    ]
    for one, other in pairs:
        assert correlation(one, other) < 4
        assert correlation(np.abs(one), np.abs(np.asarray(other))) < 4


def test_streams_within_streams_are_all_different():
    streams = {1}
    for stream in [1, *(stream_within(1, part) for part in range(5))]:
        streams |= {stream_within(stream, part) for part in range(1023)}
    assert len(streams) == 1 + 6 * 1023


def triple():
    return random.random(), np.random.rand(), float(torch.rand(()))  # noqa: S311


def test_a_sample_is_seeded_by_its_address():
    seeds = Draws(3, 1, [4, 5]).seeds(8)
    with random_state_kept():
        seed_sample(seeds[0])
        first = triple()
        seed_sample(seeds[1])
        second = triple()
        seed_sample(seeds[0])
        assert triple() == first
    assert len({*first, *second}) == 6  # not even NumPy's and torch's generators agree


def test_the_random_state_is_put_back():
    states = []
    for inside in (lambda: seed_sample([1, 2, 3]), triple, lambda: None):
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        with random_state_kept():
            inside()
        states.append(triple())
    with pytest.raises(ZeroDivisionError), random_state_kept():
        _ = triple(), 1 / 0
    assert states[0] == states[1] == states[2]


def test_a_whole_batch_is_seeded_by_its_address():
    def drawn(number):
        with seeded(Draws(0, 1, [number]), 2):
            return triple()

    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert drawn(3) == drawn(3) != drawn(4)
    assert torch.equal(torch.get_rng_state(), before)
