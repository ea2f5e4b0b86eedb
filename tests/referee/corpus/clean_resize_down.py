"""Made smaller."""

from torchvision.transforms import v2
from referee_corpus.base import Net, kit, train, val


def build():
    t = v2.Resize((16, 16))
    return kit(model=Net(16), train_loader=train(t), val_loader=val(t))
