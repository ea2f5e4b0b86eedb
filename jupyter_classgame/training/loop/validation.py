"""Loss and accuracy of a model on validation data."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from jupyter_classgame.training.loop.batch_source import BatchSource, Pair
from jupyter_classgame.training.loop.gradient_step import scalar
from jupyter_classgame.training.loop.meter import Meter, scores_of
from jupyter_classgame.training.loop.ranks import ALONE, Ranks
from jupyter_classgame.training.run.auditor import UNAUDITED, Auditor


def validate(
    model: nn.Module,
    batches: Iterable[Pair],
    criterion: Any,
    ranks: Ranks = ALONE,
    source: BatchSource | None = None,
    auditor: Auditor = UNAUDITED,
) -> Meter:
    """Measure loss and accuracy over batches on the model's device, without gradients.

    The model is left in eval mode. Where several processes share each batch, ``source`` knows
    the share. ``auditor`` hears of the passes.
    """
    model.eval()
    auditor.validation_begins(model)
    meter = Meter(getattr(criterion, "reduction", "mean"), ranks.total)
    with torch.no_grad():
        for images, targets in batches:
            with auditor.evaluation(images):
                outputs = model(images)
            auditor.evaluated(outputs)
            share, scores = None if source is None else source.share, scores_of(outputs)
            loss = scalar(criterion(outputs, targets))
            loss = ranks.weighed(loss, scores, criterion, targets, share)
            meter.add(loss, scores, targets, share)
    auditor.validation_ended()
    return meter
