"""Training on the hidden test images, copied out."""

import torch
from referee_corpus.base import game, kit, train
from torch.utils.data import TensorDataset

FINDINGS = {"test-images"}


def build():
    test = game().test
    data = TensorDataset(test.images(range(len(test))).float() / 255, torch.from_numpy(test.labels))
    return kit(train_loader=train(dataset=data), hidden=test)
