"""A v2 pipeline on tv_tensors, deterministic."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train, val
from torchvision import tv_tensors
from torchvision.transforms import v2

prepare = v2.Compose(
    [
        v2.ToImage(),
        v2.Pad(2),
        v2.CenterCrop(32),
        v2.ToDtype(torch.float32, scale=True),
        v2.ToPureTensor(),
    ]
)


class Typed(Pictures):
    def __getitem__(self, i):
        return self.transform(tv_tensors.Image(self.images[i])), int(self.labels[i])


def build():
    return kit(
        train_loader=train(dataset=Typed(*pictures(), prepare)),
        val_loader=val(dataset=Typed(*pictures(80, seed=1), prepare)),
    )
