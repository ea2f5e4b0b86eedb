"""PIL's own filter with a random radius."""

import random

from PIL import Image
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset
from torchvision.transforms import functional as TF

EXPECTED = {"blur"}


class Foggy(Dataset):
    def __init__(self):
        x, self.y = pictures()
        self.x = [Image.fromarray(i.permute(1, 2, 0).numpy()) for i in x]

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        from PIL import ImageFilter

        img = self.x[i].filter(ImageFilter.GaussianBlur(random.uniform(0.3, 2)))
        return TF.to_tensor(img), int(self.y[i])


def build():
    return kit(train_loader=train(dataset=Foggy()))
