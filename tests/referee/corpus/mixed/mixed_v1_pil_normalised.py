"""A v1 pipeline on PIL images, normalised at the end."""

from referee_corpus.base import Pictures, kit, pictures, train, val
from torchvision import transforms as T
from torchvision.transforms import v2

EXPECTED = {"flip", "rotation", "colour-jitter"}


def build():
    t = T.Compose(
        [
            T.ToPILImage(),
            T.RandomHorizontalFlip(),
            T.RandomRotation(10),
            T.ColorJitter(0.2, 0.2, 0.2),
            T.ToTensor(),
            T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    x, y = pictures()
    return kit(
        train_loader=train(dataset=Pictures(x, y, t)),
        val_loader=val(v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])),
    )
