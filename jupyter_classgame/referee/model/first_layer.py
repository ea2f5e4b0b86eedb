"""The input of a model's first layer with weights, which shows augmentation in the model."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from jupyter_classgame.referee.model.tracing.op_names import CONVOLUTIONS, PRODUCTS
from jupyter_classgame.referee.model.tracing.provenance import storage_of


class _Caught(Exception):  # noqa: N818 - not an error: it ends a pass early
    pass


class FirstLayerInput(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Stops a pass at the first convolution or matrix product with a parameter.

    Parameters
    ----------
    parameters
        Tensors that count as parameters.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.parameters = {storage_of(p) for p in parameters}
        self.caught: Tensor | None = None

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Any = (),
        kwargs: Any = None,
    ) -> Any:
        """Run one operation, or stop before it."""
        name = func._schema.name  # noqa: SLF001
        if name in CONVOLUTIONS or name in PRODUCTS:
            tensors = [t for t in args if isinstance(t, Tensor)]
            if any(storage_of(t) in self.parameters for t in tensors):
                self.caught = max(
                    (t for t in tensors if storage_of(t) not in self.parameters),
                    key=lambda t: t.numel(),
                )
                raise _Caught
        return func(*args, **(kwargs or {}))


def first_input(model: Any, images: Tensor, parameters: Iterable[Tensor]) -> np.ndarray | None:
    """Return the input of the first layer with weights, (n, channels, h, w).

    None where the model has no such layer, or its input is of another shape.
    """
    caught = front_of(model, images, parameters)
    if caught is None or caught.ndim != 4:
        return None
    return caught.detach().float().cpu().numpy()


def front_of(model: Any, images: Tensor, parameters: Iterable[Tensor]) -> Tensor | None:
    """Return the input of the first layer with weights; None where there is no such layer."""
    mode = FirstLayerInput(parameters)
    try:
        with mode:
            model(images)
    except Exception:
        # TorchScript raises an error of its own for any exception inside it.
        if mode.caught is None:
            raise
    return mode.caught
