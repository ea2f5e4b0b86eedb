"""ImageDraw paints grey rectangles on PIL images."""

import random

from PIL import ImageDraw
from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF

EXPECTED = {"cutout"}


class Painted(Pictures):
    def __getitem__(self, i):
        image = TF.to_pil_image(self.images[i])
        pen = ImageDraw.Draw(image)
        for _ in range(random.randint(0, 2)):
            a, b = random.randint(0, 26), random.randint(0, 26)
            pen.rectangle([a, b, a + 6, b + 6], fill=(124, 116, 104))
        return TF.to_tensor(image), int(self.labels[i])


def build():
    return kit(train_loader=train(dataset=Painted(*pictures())))
