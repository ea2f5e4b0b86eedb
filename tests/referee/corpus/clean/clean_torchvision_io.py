"""Files read with torchvision.io and scaled with v2."""

from pathlib import Path

import torch
from referee_corpus.base import folder, kit, train, val
from torch.utils.data import Dataset
from torchvision.io import ImageReadMode, decode_image, read_file
from torchvision.transforms import v2

scale = v2.Compose([v2.Resize((32, 32), antialias=True), v2.ToDtype(torch.float32, scale=True)])


class Files(Dataset):
    def __init__(self, root):
        self.paths = sorted(Path(root).glob("*/*.png"))
        self.names = sorted({p.parent.name for p in self.paths})

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        path = self.paths[i]
        image = decode_image(read_file(str(path)), ImageReadMode.RGB)
        return scale(image), self.names.index(path.parent.name)


def build():
    return kit(
        train_loader=train(dataset=Files(folder(60)), batch_size=16),
        val_loader=val(dataset=Files(folder(30, seed=5))),
    )
