import itertools
from itertools import pairwise

import pytest

from jupyter_classgame.widgets.chart.redraw_pace import SPARE, STRETCH, RedrawPace


def play(costs, seconds=120.0, tick=0.01, redraws=3.0, messages=4.0):
    """Redraw whenever it is due; give (second, messages) of every redraw."""
    pace, clock, seen = RedrawPace(redraws, messages), 0.0, []
    costs = iter(costs)
    while clock < seconds:
        if pace.due(clock):
            pace.wait(clock)
            seen.append((clock, next(costs)))
            pace.sent(seen[-1][1], clock)
        clock += tick
    return seen


def worst(seen):
    """Most messages in a stretch."""
    return max(
        sum(count for at, count in seen if start <= at < start + STRETCH) for start, _ in seen
    )


def always(cost):
    while True:
        yield cost


@pytest.mark.parametrize("cost", range(1, 12))
def test_no_stretch_has_more_than_its_share(cost):
    seen = play(always(cost))
    assert worst(seen) <= 4.0 * STRETCH
    assert sum(count for _, count in seen) > 120  # and it is not idle either


def test_a_redraw_may_cost_a_little_more_than_those_before():
    extra = itertools.cycle([0, 0, SPARE, 0, 0, 0, 0, SPARE, SPARE])
    seen = play(5 + each for each in extra)
    assert worst(seen) <= 4.0 * STRETCH


def test_redraws_of_little_come_as_often_as_is_asked():
    gaps = [b - a for (a, _), (b, _) in pairwise(play(always(1)))]
    assert max(gaps) < 0.4
    assert min(gaps) > 0.32


def test_redraws_come_evenly():
    gaps = [b - a for (a, _), (b, _) in pairwise(play(always(3)))]
    assert max(gaps) < 2 * min(gaps) + 0.5
