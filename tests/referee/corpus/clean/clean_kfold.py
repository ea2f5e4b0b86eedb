"""The first fold of a stratified five-fold split."""

from referee_corpus.base import Pictures, kit, pictures
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import DataLoader, Subset


def build():
    images, labels = pictures()
    data = Pictures(images, labels)
    first, second = next(StratifiedKFold(5, shuffle=True).split(images.flatten(1), labels))
    return kit(
        train_loader=DataLoader(Subset(data, first), 32, shuffle=True),
        val_loader=DataLoader(Subset(data, second), 32),
    )
