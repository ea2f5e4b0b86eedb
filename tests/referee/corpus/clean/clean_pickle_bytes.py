"""Encoded PNG bytes kept in memory and decoded with io.BytesIO."""

import io

import torchvision.transforms.functional as TF
from PIL import Image
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset


class Encoded(Dataset):
    def __init__(self, images, labels):
        self.blobs = []
        for image in images:
            buffer = io.BytesIO()
            TF.to_pil_image(image).save(buffer, format="PNG")
            self.blobs.append(buffer.getvalue())
        self.labels = labels

    def __len__(self):
        return len(self.blobs)

    def __getitem__(self, i):
        image = Image.open(io.BytesIO(self.blobs[i]))
        return TF.to_tensor(image), self.labels[i]


def build():
    return kit(train_loader=train(dataset=Encoded(*pictures())))
