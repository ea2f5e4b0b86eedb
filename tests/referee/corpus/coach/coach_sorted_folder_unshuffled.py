"""Images of a folder in the order of their classes, shuffle forgotten."""

from referee_corpus.base import folder, kit, val
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

FINDINGS = {"not-shuffled"}


def build():
    prepare = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])
    return kit(
        train_loader=DataLoader(datasets.ImageFolder(folder(120), prepare), batch_size=16),
        val_loader=val(dataset=datasets.ImageFolder(folder(30, seed=5), prepare)),
    )
