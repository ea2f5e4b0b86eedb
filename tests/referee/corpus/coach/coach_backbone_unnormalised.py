"""A backbone that was trained on normalised images elsewhere, and images in [0, 1] here."""

import torch
from referee_corpus.base import Net, kit, train
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import v2

EXPECTED = {"batch-norm"}
ALSO = {"pretrained"}
FINDINGS = {"input-range"}
NORMAL = v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


class Normed(Net):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(32)

    def features(self, x):
        x = self.conv1(x)
        if hasattr(self, "bn"):
            x = self.bn(x)
        x = F.max_pool2d(F.relu(x), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)


def trained(seed=1):
    """A model after a few epochs, and only its weights."""
    torch.manual_seed(seed)
    model = Normed()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    for _ in range(4):
        for images, labels in train(NORMAL):
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
    return model


def build():
    return kit(model=trained())
