"""The reproducibility recipe of PyTorch's manual: worker_init_fn and a generator."""

import random

import numpy as np
import torch
from referee_corpus.base import kit, train


def seed_worker(worker_id):
    seed = torch.initial_seed() % 2**32
    np.random.seed(seed)
    random.seed(seed)


def build():
    g = torch.Generator()
    g.manual_seed(0)
    return kit(train_loader=train(worker_init_fn=seed_worker, generator=g, num_workers=2))
