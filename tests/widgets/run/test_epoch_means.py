import numpy as np
import pytest

from jupyter_classgame.events import EpochEnded, Progress
from jupyter_classgame.widgets.run.epoch_means import MOST, EpochMeans


def play(losses, means, epoch, every=1):
    """Tell of an epoch's batches; give what is drawn after each, and after the epoch."""
    drawn = []
    for batch in range(every, len(losses) + 1, every):
        mean = float(np.mean(losses[:batch]))
        means.take(Progress(1, epoch, 9, batch, len(losses), mean, mean, 0.0, None))
        drawn.append(means.points()[-1])
    whole = float(np.mean(losses))
    means.take(EpochEnded(1, epoch, 9, whole, whole, None, None, 0.1, 1.0, None))
    return drawn


@pytest.mark.parametrize("every", [1, 7])
def test_the_mean_is_of_an_epochs_worth_of_batches(every):
    generator = np.random.default_rng(0)
    first, second = 2 + generator.random(20), 1 + generator.random(20)
    means = EpochMeans()
    play(first, means, 1, every)
    both = np.concatenate([first, second])
    for number, point in enumerate(play(second, means, 2, every), start=1):
        batches = number * every
        assert point.at == pytest.approx(1 + batches / 20)
        assert point.loss == point.acc == pytest.approx(np.mean(both[batches : batches + 20]))
    assert [point.at for point in means.begun()][:1] == [1 + every / 20]


def test_a_resumed_run_goes_on_from_its_last_epoch_without_a_jump():
    means = EpochMeans()
    means.take(EpochEnded(1, 5, 9, 0.5, 0.8, None, None, 0.1, 1.0, None))
    means.take(Progress(1, 6, 9, 1, 100, 3.0, 0.1, 0.0, None))
    (point,) = means.points()
    assert point == pytest.approx((5.01, 0.525, 0.793))


def test_few_points_are_kept_of_a_long_epoch():
    means = EpochMeans()
    drawn = play(np.ones(5000), means, 1)
    assert drawn[-1].at == 1
    assert MOST / 2 <= len(means.begun()) <= MOST
