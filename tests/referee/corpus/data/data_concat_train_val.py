"""Training and validation joined."""

from referee_corpus.base import game_loader, kit, train
from torch.utils.data import ConcatDataset

EXPECTED = {"more-data"}
FINDINGS = {"shared-images"}


def build():
    a, b = game_loader().dataset, game_loader("val", 1.0)
    return kit(
        train_loader=train(dataset=ConcatDataset([a, b.dataset])), val_loader=b, allowance=170
    )
