"""RandomRotation of v1, PIL images."""

from referee_corpus.base import Pictures, kit, pictures, train
from torchvision import transforms as T

EXPECTED = {"rotation"}


def build():
    x, y = pictures()
    t = T.Compose([T.ToPILImage(), T.RandomRotation(10), T.ToTensor()])
    return kit(train_loader=train(dataset=Pictures(x, y, t)))
