"""Images of a rare class listed five times in the index."""

from referee_corpus.base import Pictures, kit, pictures, train
from torch.utils.data import Subset

EXPECTED = {"weighted-sampling"}
MAY_FIND = {"unbalanced"}


def build():
    x, y = pictures()
    keep = [i for i in range(len(y)) if y[i] != 3 or i < 60]
    rare = [i for i in keep if y[i] == 3]
    data = Pictures(x, y)
    return kit(train_loader=train(dataset=Subset(data, keep + rare * 4)))
