"""Optimizers around others: one of one's own, two as one, and those of pytorch_optimizer."""

import torch
from pytorch_optimizer import Lookahead, ScheduleFreeWrapper

from helpers.models import sgd


class Slow(torch.optim.Optimizer):
    """A Lookahead of one's own: names, lists and counters that nobody else has."""

    def __init__(self, fast, every=2):
        self.hidden_engine = {"fast": [fast]}
        super().__init__([p for g in fast.param_groups for p in g["params"]], dict(fast.defaults))
        self.param_groups = fast.param_groups
        self.slow = [p.detach().clone() for g in self.param_groups for p in g["params"]]
        self.by_parameter = {p: torch.zeros(()) for p in self.param_groups[0]["params"]}
        self.count, self.every = 0, every

    @torch.no_grad()
    def step(self):
        self.hidden_engine["fast"][0].step()
        self.count += 1
        for seen in self.by_parameter.values():
            seen.add_(1)
        if self.count % self.every == 0:
            for slow, group in zip(self.slow, self.param_groups[0]["params"], strict=True):
                slow.lerp_(group, 0.5 / self.by_parameter[group].sqrt())
                group.copy_(slow)


class Joined(torch.optim.Optimizer):
    """Two as one, whose state and groups are read off their parts."""

    def __init__(self, *parts):
        self.parts, self.defaults = parts, {}

    param_groups = property(lambda self: [g for part in self.parts for g in part.param_groups])
    state = property(lambda self: {p: s for part in self.parts for p, s in part.state.items()})

    def state_dict(self):
        return {"parts": [part.state_dict() for part in self.parts]}

    def zero_grad(self, set_to_none=True):
        for part in self.parts:
            part.zero_grad(set_to_none)

    def step(self):
        for part in self.parts:
            part.step()


def joined(net):
    first, *others = net.parameters()
    return Joined(
        torch.optim.SGD([first], lr=0.1, momentum=0.9), torch.optim.AdamW(others, lr=0.01)
    )


WRAPPERS = {
    "lookahead": lambda net: Lookahead(sgd(net), k=4, pullback_momentum="pullback"),
    "own": lambda net: Slow(sgd(net)),
    "twice": lambda net: Slow(Lookahead(sgd(net), k=3)),
    "joined": joined,
    "schedule free": lambda net: ScheduleFreeWrapper(sgd(net, lr=0.1)),
}
