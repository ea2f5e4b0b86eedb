"""fastai: resident uint8 images, its own batch transforms, a Learner.

Flip and shift are composed into one resampling of the batch, as fastai does with its affine
transforms.
"""

from functools import partial
from typing import Any

from fastai.callback.core import Callback
from fastai.data.core import DataLoaders, TfmdDL
from fastai.data.transforms import IntToFloatTensor
from fastai.learner import Learner
from fastai.metrics import accuracy
from fastai.optimizer import OptimWrapper
from fastai.torch_core import TensorCategory, TensorImage
from fastai.vision.augment import AffineCoordTfm, Flip, affine_mat, setup_aug_tfms
from torch import Tensor, nn

from peers.clock import VALIDATION_BATCH, Clock, Task, device
from peers.works import SHIFT


class Images:
    """Items as fastai's pipelines expect them; ``split_idx`` 0 is trained on."""

    def __init__(self, images: Tensor, labels: Tensor, split_idx: int) -> None:
        self.images, self.labels, self.split_idx = images, labels, split_idx

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[TensorImage, TensorCategory]:
        return TensorImage(self.images[index]), TensorCategory(self.labels[index])


def shift_mat(images: Tensor, share: float) -> Tensor:
    """Return random affine matrices, one an image: shifts by at most a share of its sides."""
    ones, zeros = images.new_ones(len(images)), images.new_zeros(len(images))
    # coordinates run from -1 to 1, so a share of the side is twice as much
    right, down = (images.new_empty(len(images)).uniform_(-2 * share, 2 * share) for _ in "xy")
    return affine_mat(ones, zeros, right, zeros, ones, down)


class Timed(Callback):
    """Records the epoch boundaries."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def before_train(self) -> None:
        """Record the time."""
        self.clock.epoch_begins()

    def after_train(self) -> None:
        """Record the time."""
        self.clock.training_ends()


def train(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train, and return the model and the training loss of each epoch."""
    work = task.work
    shift = AffineCoordTfm(aff_fs=partial(shift_mat, share=SHIFT), pad_mode="zeros")
    augmented = setup_aug_tfms([Flip(p=0.5, pad_mode="zeros"), shift])

    def loader(split: str, batch: int) -> Any:
        first = split == "train"
        return TfmdDL(
            Images(*task.images(split), split_idx=0 if first else 1),
            bs=batch,
            shuffle=first,
            num_workers=task.workers,
            after_batch=[IntToFloatTensor(), *(augmented if first else [])],
            device=device(),
        )

    learner = Learner(
        DataLoaders(loader("train", work.batch), loader("val", VALIDATION_BATCH), device=device()),
        work.model(task.seed),
        loss_func=nn.CrossEntropyLoss(),
        opt_func=partial(OptimWrapper, opt=work.optimizer, **_others(work.options)),
        metrics=accuracy,
        cbs=Timed(clock),
    )
    with learner.no_logging():
        learner.fit(task.epochs, lr=work.options["lr"])
    clock.fit_ends()
    return learner.model, [float(row[0]) for row in learner.recorder.values]


def _others(options: dict[str, float]) -> dict[str, float]:
    """Return the options that the learner does not pass to the optimizer."""
    return {name: value for name, value in options.items() if name != "lr"}
