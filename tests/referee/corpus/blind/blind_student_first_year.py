"""A first-year student's notebook: globals, lists, prints, no class for the data."""

import torch
from referee_corpus.base import kit, pictures
from torch import nn
from torch.utils.data import DataLoader

data = []
images, labels = pictures()
for n in range(len(images)):
    img = images[n].float() / 255.0
    lab = int(labels[n])
    data.append((img, lab))
net = None


class MyNetwork(nn.Module):
    def __init__(self):
        super(MyNetwork, self).__init__()
        self.layer1 = nn.Conv2d(3, 16, 3, 1, 1)
        self.layer2 = nn.Conv2d(16, 32, 3, 1, 1)
        self.pool = nn.MaxPool2d(2, 2)
        self.out = nn.Linear(32 * 8 * 8, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.layer1(x)))
        x = self.pool(torch.relu(self.layer2(x)))
        x = x.view(-1, 32 * 8 * 8)
        x = self.out(x)
        return x


def build():
    net = MyNetwork()
    opt = torch.optim.SGD(net.parameters(), 0.05)
    return kit(
        model=net,
        optimizer=opt,
        train_loader=DataLoader(data, 10, True),
        val_loader=DataLoader(
            data[:0] or [(i.float() / 255, int(l)) for i, l in zip(*pictures(50, seed=4))], 10
        ),
    )
