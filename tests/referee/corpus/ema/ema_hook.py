"""An averaged model kept by a hook."""

import torch
from referee_corpus.base import kit

EXPECTED = {"ema"}


def build():
    parts = kit()
    average = torch.optim.swa_utils.AveragedModel(parts["model"])
    model = parts["model"]
    parts["optimizer"].register_step_post_hook(lambda *a: average.update_parameters(model))
    return parts
