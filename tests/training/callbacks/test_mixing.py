"""``--mix-until``: mixed images first, plain ones to finish with."""

import pytest
from helpers.models import loader
from helpers.runs import Probe, after, request, run
from torchvision.transforms import v2

from jupyter_classgame.data.data_loader import make_loader
from jupyter_classgame.errors import TrainingError


def mixed():
    return make_loader(
        loader().dataset, batch_size=16, shuffle=True, batch_transform=v2.MixUp(num_classes=3)
    )


def test_images_are_mixed_until_the_epoch():
    probe = Probe(lambda run: (run.epoch, run.mixing))
    run(train_loader=mixed(), epochs=4, mix_until=2, probes=[probe])
    assert list(dict.fromkeys(probe.seen)) == [(1, True), (2, True), (3, False), (4, False)]


def test_a_run_that_goes_on_counts_its_own_epochs():
    probe = Probe(lambda run: run.mixing)
    run(train_loader=mixed(), epochs=3, start=after(2), first_epoch=5, mix_until=2, probes=[probe])
    assert set(probe.seen) == {False}


def test_a_loader_without_anything_to_leave_off_is_refused():
    with pytest.raises(TrainingError, match=r"^--mix-until 2: train_loader has no batch_transform"):
        request(mix_until=2)
