"""Images compressed as JPEG with random quality: low quality changes the colours."""

import random

from PIL import Image
from referee_corpus.base import kit, train
from torchvision.transforms import functional as TF

EXPECTED = {"colour-jitter"}
ALSO = {"noise", "blur", "resampling"}


def squeeze(x):
    import io

    buffer = io.BytesIO()
    TF.to_pil_image(x).save(buffer, "JPEG", quality=random.randint(5, 60))
    return TF.to_tensor(Image.open(buffer).convert("RGB"))


def build():
    return kit(train_loader=train(squeeze))
