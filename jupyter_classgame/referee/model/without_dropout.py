"""Passes without dropout of the images, which hides other changes of them."""

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from jupyter_classgame.referee.model.tracing.op_names import ADDING, BY_VALUE, DROPOUTS, SHAPE_ONLY
from jupyter_classgame.referee.model.tracing.provenance import storage_of
from jupyter_classgame.referee.model.tracing.random_masks import drops


class WithoutDropout(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Skips operations that randomly zero single numbers or whole channels of the images.

    Parameters
    ----------
    images
        The input of the pass.
    """

    def __init__(self, images: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.of_images = {storage_of(images)}
        self.draws: dict[int, frozenset[int]] = {}
        """By the storage of a random tensor: the numbers of the random operations it depends on."""
        self.dropped: frozenset[int] = frozenset()
        self.alive: list[Tensor] = [images]
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operation; return the images unchanged for one that drops parts of them."""
        kwargs = kwargs or {}
        self.count += 1
        name = func._schema.name  # noqa: SLF001
        short = name.rsplit("::", maxsplit=1)[-1]
        inputs = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        images = [t for t in inputs if storage_of(t) in self.of_images]
        noise = [t for t in inputs if storage_of(t) in self.draws]
        if images and noise and self._left_out(short, args, images, noise):
            return images[0] if short.endswith("_") else self._learn_images(images[0].clone())
        result = func(*args, **kwargs)
        outputs = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        if name in DROPOUTS and images:
            return self._learn_images(images[0].clone()), *outputs[1:]
        if short in SHAPE_ONLY:
            self.alive.extend(outputs)
        else:
            self._learn(func, images, noise, outputs)
        return result

    def _left_out(self, short: str, args: Any, images: list[Tensor], noise: list[Tensor]) -> bool:
        image, mask = images[0], noise[0]
        own = self.draws[storage_of(mask)]
        if short in ADDING:  # alpha dropout replaces what it dropped by adding
            return bool(own & self.dropped)
        if not drops(short, args, mask, image):
            return False
        self.dropped |= own
        return True

    def _learn(
        self, func: Any, images: list[Tensor], noise: list[Tensor], outputs: list[Tensor]
    ) -> None:
        self.alive.extend(outputs)
        drawn = torch.Tag.nondeterministic_seeded in func.tags
        if images and not (drawn and func._schema.name not in BY_VALUE):  # noqa: SLF001
            self.of_images.update(storage_of(t) for t in outputs)
            return
        made = frozenset[int]().union(*(self.draws[storage_of(t)] for t in noise))
        if drawn:
            made |= {self.count}
        if made:
            self.draws.update((storage_of(t), made) for t in outputs)

    def _learn_images(self, tensor: Tensor) -> Tensor:
        self.alive.append(tensor)
        self.of_images.add(storage_of(tensor))
        return tensor
