"""The life of a run: what it leaves behind, and who decides about it."""

import gc
import weakref

import pytest
from helpers.models import Net, model, sgd
from helpers.runs import quiet, request

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run_control import RunControl


class MineError(Exception):
    pass


class Broken(Net):
    def forward(self, _images):
        raise MineError


class Hungry(Net):
    def forward(self, _images):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.mark.parametrize(("kind", "raised"), [(Broken, MineError), (Hungry, ClassGameError)])
def test_a_failed_run_keeps_no_model_alive(kind, raised):
    """An out-of-memory error must not wait for a garbage collection to give the memory back."""
    gc.collect()
    gc.disable()
    try:
        net = kind()
        gone = weakref.ref(net)
        with pytest.raises(raised) as caught:
            launch_run(request(net, sgd(net)), RunControl()).execute(quiet)
        caught.value.__traceback__ = caught.value.__cause__ = caught.value.__context__ = None
        del caught, net
        assert gone() is None
    finally:
        gc.enable()


def test_a_history_shows_the_rank_and_does_not_decide_it():
    net = model()
    run = launch_run(request(net, sgd(net), epochs=1), RunControl(), RunStart(ranked=False))
    run.history.ranked = True
    run.history.label, run.history.run = "mine", 99
    events = []
    run.execute(events.append)
    assert not run.ranked
    assert {event.run for event in events} == {0}
    assert events[0].label == "run"


def test_a_run_under_preparation_has_no_number_that_a_chart_could_take_for_its_own():
    """Another run may publish meanwhile; a chart asks the control which run is its own."""
    control, net = RunControl(), model()
    run = launch_run(request(net, sgd(net), epochs=1), control)
    assert control.number is None
    run.enter(7, "run 7: model")
    assert control.number == 7
    assert not control.over
    run.execute(quiet)
    assert (control.number, control.over) == (7, True)


def test_a_run_loses_its_rank_for_a_reason():
    net = model()
    run = launch_run(request(net, sgd(net), epochs=1), RunControl(), RunStart(ranked=True))
    run.disqualify("no longer ranked: a rule was broken")
    assert (run.ranked, run.history.ranked) == (False, False)
    assert run.history.unranked_reasons == ("no longer ranked: a rule was broken",)
    run.confirm_rank(ranked=True)
    assert run.ranked
    assert run.history.ranked
