"""An old tutorial's first hidden state: zeros with requires_grad_() in each forward pass."""

import torch
from referee_corpus.base import kit
from torch import nn


class Rnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(96, 64, batch_first=True)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        h0 = torch.zeros(1, x.size(0), 64).requires_grad_()
        out, _ = self.rnn(x.permute(0, 2, 1, 3).flatten(2), h0)
        return self.fc(out[:, -1])


def build():
    return kit(model=Rnn())
