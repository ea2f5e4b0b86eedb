"""Detectors of techniques in the steps of the optimizers."""

from jupyter_classgame.referee.detectors.common import in_model
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def adaptive_step(facts: Facts) -> Evidence | None:
    """Detect adaptive step sizes without momentum, which otherwise includes them."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.adaptive and not optimizer.momentum:
            return Evidence(1, f"{name}: {optimizer.adaptive}")
    return None


def ema(facts: Facts) -> Evidence | None:
    """Detect an average of past weights, in the optimizer or in the model."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.ema:
            return Evidence(1, f"{name}: {optimizer.ema}")
    return in_model(facts, "ema")


def gradient_clipping(facts: Facts) -> Evidence | None:
    """Detect clipping of large gradients."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.clipping:
            return Evidence(1, f"{name}: {optimizer.clipping}")
    return None


def momentum(facts: Facts) -> Evidence | None:
    """Detect steps that continue without a gradient."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.momentum:
            return Evidence(1, f"{name}: {optimizer.momentum}")
    return None
