"""A fixed gamma and a fixed contrast."""

from referee_corpus.base import kit, train, val
from torchvision import transforms as T
from torchvision.transforms import functional as TF

prepare = T.Compose(
    [T.Lambda(lambda x: TF.adjust_gamma(x, 0.8)), T.Lambda(lambda x: TF.adjust_contrast(x, 1.2))]
)


def build():
    return kit(train_loader=train(prepare), val_loader=val(prepare))
