"""Copies in each split of a folder hide neither validation nor hidden images that are trained on."""

from referee_corpus.base import kit, train, val
from referee_corpus.clean_copies_in_each_split import arrays, splits
from torch.utils.data import ConcatDataset

FINDINGS = {"test-images", "shared-images"}


def build():
    training, validation, hidden = splits()
    data = ConcatDataset([arrays(training), arrays(validation), arrays(hidden)])
    return kit(
        train_loader=train(dataset=data),
        val_loader=val(dataset=arrays(validation)),
        hidden=hidden,
        splits=(training, validation),
    )
