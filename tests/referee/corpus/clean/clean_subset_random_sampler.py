"""SubsetRandomSampler from scikit-learn's stratified split of one dataset."""

import numpy as np
from referee_corpus.base import Pictures, kit, pictures
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, SubsetRandomSampler


def build():
    images, labels = pictures()
    data = Pictures(images, labels)
    first, second = train_test_split(
        np.arange(len(data)), test_size=0.2, stratify=labels, random_state=1
    )
    return kit(
        train_loader=DataLoader(data, 32, sampler=SubsetRandomSampler(first)),
        val_loader=DataLoader(data, 32, sampler=SubsetRandomSampler(second)),
    )
