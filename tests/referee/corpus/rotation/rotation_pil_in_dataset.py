"""PIL's rotate with an expanded canvas, shrunk back, inside __getitem__."""

import random

from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset
from torchvision.transforms import functional as TF

EXPECTED = {"rotation"}
ALSO = {"resampling"}


class Turned(Dataset):
    def __init__(self, images, labels):
        self.images = [TF.to_pil_image(i) for i in images]
        self.labels = labels.tolist()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = self.images[i].rotate(random.gauss(0, 12))
        return TF.to_tensor(image), self.labels[i]


def build():
    return kit(train_loader=train(dataset=Turned(*pictures())))
