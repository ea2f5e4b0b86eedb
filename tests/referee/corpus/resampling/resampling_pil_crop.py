"""A random box cropped and resized with PIL."""

import random

from PIL import Image
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset
from torchvision.transforms import functional as TF

EXPECTED = {"resampling"}


class Boxes(Dataset):
    def __init__(self):
        x, self.y = pictures()
        self.x = [Image.fromarray(i.permute(1, 2, 0).numpy()) for i in x]

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        s = random.randint(20, 32)
        left, top = random.randint(0, 32 - s), random.randint(0, 32 - s)
        img = self.x[i].crop((left, top, left + s, top + s)).resize((32, 32), Image.BILINEAR)
        return TF.to_tensor(img), int(self.y[i])


def build():
    return kit(train_loader=train(dataset=Boxes()))
