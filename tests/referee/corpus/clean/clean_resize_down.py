"""Made smaller."""

from referee_corpus.base import Net, kit, train, val
from torchvision.transforms import v2


def build():
    t = v2.Resize((16, 16))
    return kit(model=Net(16), train_loader=train(t), val_loader=val(t))
