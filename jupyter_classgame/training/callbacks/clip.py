"""Gradient clipping by norm (Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063)."""

from typing import TYPE_CHECKING

from torch.nn.utils import clip_grad_norm_

from jupyter_classgame.training.callback import Callback

if TYPE_CHECKING:
    from jupyter_classgame.training.options.values import Options
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest


class GradientClipping(Callback):
    """Shortens gradients that are too long, by torch's ``clip_grad_norm_``.

    Parameters
    ----------
    max_norm
        Largest norm of the gradient of all parameters that the optimizer holds, above 0.
    """

    technique = "gradient-clipping"

    def __init__(self, max_norm: float) -> None:
        self.max_norm = max_norm

    @classmethod
    def of(cls, options: "Options") -> "GradientClipping":
        """Read the option."""
        return cls(options.clip)

    def evidence(self, request: "RunRequest") -> str:
        """Name the option."""
        del request
        return f"--clip {self.max_norm:g}"

    def on_gradients(self, run: "Run") -> None:
        """Clip the gradients of a step."""
        groups = run.optimizer.param_groups
        clip_grad_norm_([p for group in groups for p in group["params"]], self.max_norm)
