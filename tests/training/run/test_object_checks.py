"""What a run refuses before anything moves."""

import pytest
from helpers.models import model, sgd

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.run.checks.object_checks import check_optimizer


@pytest.mark.parametrize("kind", [list, tuple, lambda parts: dict(enumerate(parts))])
def test_several_optimizers_are_refused_with_what_to_do(kind):
    net = model()
    with pytest.raises(TrainingError, match="of 2 optimizers; a run steps one") as refused:
        check_optimizer(kind([sgd(net.conv), sgd(net.fc)]))
    assert "parameter group" in refused.value.advice
    assert "\n" not in str(refused.value)
