"""PIL's ImageEnhance with random factors."""

import random

from PIL import ImageEnhance
from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF

EXPECTED = {"colour-jitter"}


class Enhanced(Pictures):
    def __getitem__(self, i):
        image = TF.to_pil_image(self.images[i])
        image = ImageEnhance.Color(image).enhance(random.uniform(0.5, 1.5))
        image = ImageEnhance.Contrast(image).enhance(random.uniform(0.7, 1.3))
        return TF.to_tensor(image), int(self.labels[i])


def build():
    return kit(train_loader=train(dataset=Enhanced(*pictures())))
