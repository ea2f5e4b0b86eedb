"""Lion: the sign of an average of gradients, with decay."""

import torch
from referee_corpus.base import kit

EXPECTED = {"momentum", "weight-decay"}


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.mul_(1 - group["lr"] * group["weight_decay"])
                state = self.state[p]
                if not state:
                    state["m"] = torch.zeros_like(p)
                b1, b2 = group["betas"]
                update = (state["m"] * b1 + p.grad * (1 - b1)).sign_()
                p.add_(update, alpha=-group["lr"])
                state["m"].mul_(b2).add_(p.grad, alpha=1 - b2)


def build():
    return kit(optimizer=lambda p: Lion(p))
