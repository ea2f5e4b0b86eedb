"""PIL: made small and large again, one image in two."""

import random

from PIL import Image
from referee_corpus.base import Pictures, kit, pictures, train
from torchvision.transforms import functional as TF

EXPECTED = {"resampling"}
ALSO = {"blur"}


class Coarse(Pictures):
    def __getitem__(self, i):
        image = TF.to_pil_image(self.images[i])
        if random.random() < 0.5:
            n = random.randint(10, 20)
            image = image.resize((n, n), Image.BOX).resize((32, 32), Image.NEAREST)
        return TF.to_tensor(image), int(self.labels[i])


def build():
    return kit(train_loader=train(dataset=Coarse(*pictures())))
