"""A timm-like Mixup callable that alternates with CutMix, on the batch."""

import numpy as np
from referee_corpus.base import kit, train
from torch.nn import functional as F
from torch.utils.data import default_collate

EXPECTED = {"mixup", "cutmix"}


class Mixup:
    def __init__(self, mixup_alpha=0.8, cutmix_alpha=1.0, switch_prob=0.5, num_classes=10):
        self.ma, self.ca, self.switch, self.n = mixup_alpha, cutmix_alpha, switch_prob, num_classes

    def __call__(self, batch):
        x, y = default_collate(batch)
        use_cutmix = np.random.rand() < self.switch
        lam = float(
            np.random.beta(self.ca, self.ca) if use_cutmix else np.random.beta(self.ma, self.ma)
        )
        flipped = x.flip(0)
        if use_cutmix:
            h, w = x.shape[-2:]
            ch, cw = int(h * (1 - lam) ** 0.5), int(w * (1 - lam) ** 0.5)
            cy, cx = np.random.randint(h), np.random.randint(w)
            t, b = max(cy - ch // 2, 0), min(cy + ch // 2, h)
            l, r = max(cx - cw // 2, 0), min(cx + cw // 2, w)
            x[:, :, t:b, l:r] = flipped[:, :, t:b, l:r]
            lam = 1 - (b - t) * (r - l) / (h * w)
        else:
            x.mul_(lam).add_(flipped.mul(1 - lam))
        one, two = F.one_hot(y, self.n).float(), F.one_hot(y.flip(0), self.n).float()
        return x, one * lam + two * (1 - lam)


def build():
    return kit(train_loader=train(collate_fn=Mixup()))
