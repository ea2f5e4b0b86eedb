"""The heavy ball by keeping the last weights, in a plain class with step and zero_grad."""

import torch
from referee_corpus.base import Net, kit

EXPECTED = {"momentum"}


class HeavyBall:
    def __init__(self, params, lr, beta):
        self.params = list(params)
        self.param_groups = [{"params": self.params, "lr": lr, "beta": beta}]
        self.before = [p.detach().clone() for p in self.params]

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        for n, p in enumerate(self.params):
            now = p.clone()
            p += group["beta"] * (now - self.before[n]) - group["lr"] * p.grad
            self.before[n] = now

    def state_dict(self):
        return {"before": self.before}

    def load_state_dict(self, state):
        self.before = state["before"]


def build():
    model = Net()
    return kit(model=model, optimizer=HeavyBall(model.parameters(), 0.01, 0.9))
