import numpy as np
import pytest
import torch

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.loop.meter import split_batch

IMAGES, LABELS = torch.rand(4, 3, 8, 8), torch.arange(4)


@pytest.mark.parametrize("images", [IMAGES, {"pixels": IMAGES}, (IMAGES, IMAGES)])
def test_a_pair_is_taken_apart(images):
    assert split_batch([images, LABELS], "train_loader") == (images, LABELS)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ((IMAGES, LABELS, LABELS), "train_loader gives a tuple of 3 a batch; a pair"),
        ({"x": IMAGES}, "train_loader gives a dict of 1 a batch; a pair"),
        (IMAGES, "train_loader gives a Tensor a batch; a pair"),
        ((IMAGES, (LABELS, LABELS, 0.3)), r"targets as tuple of 3; .* lam \* one_hot\(y_a, C\)"),
        ((IMAGES, np.arange(4)), r"targets as numpy.ndarray; one tensor is needed"),
        ((IMAGES, None), "targets as NoneType; one tensor"),
        ((IMAGES.numpy(), LABELS), r"images as numpy.ndarray, not a tensor; torch.from_numpy"),
        ((list(IMAGES.numpy()), LABELS), r"images as list of 4, not a tensor"),
    ],
)
def test_what_is_no_pair_of_tensors_is_refused_in_one_line(batch, message):
    with pytest.raises(TrainingError, match=message) as refused:
        split_batch(batch, "train_loader")
    assert "\n" not in str(refused.value)
