"""The same grey images, turned a little."""

from referee_corpus.base import kit, pictures, train
from torch import nn
from torch.utils.data import Dataset
from torchvision import transforms as T

EXPECTED = {"rotation"}


class Grey(Dataset):
    def __init__(self):
        x, y = pictures(240, 28)
        self.data, self.targets = x.float().mean(1).byte(), y
        self.transform = T.Compose([T.ToPILImage(), T.RandomRotation(20), T.ToTensor()])

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.transform(self.data[i]), self.targets[i]


def build():
    model = nn.Sequential(
        nn.Conv2d(1, 10, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(10, 20, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(320, 10),
    )
    return kit(model=model, train_loader=train(dataset=Grey()), val_loader=None)
