"""One of several processes that train one model together, each on its share of every batch."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import torch
import torch.distributed as dist
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer

from jupyter_classgame.data.feed.partition import Partition, Shard
from jupyter_classgame.training.launch.processes.sync_batch_norm import synchronised
from jupyter_classgame.training.loop.batch_weight import denominator
from jupyter_classgame.training.loop.ranks import Ranks
from jupyter_classgame.training.run.module_tensors import put_tensors
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl


class ManyRanks(Ranks):
    """What a run asks in one of several processes.

    The gradient is that of the whole batch: each process weighs its loss by its share, and
    DistributedDataParallel takes the mean over the processes (Li et al. 2020, arXiv:2006.15704).
    So it does with the gradients of an optimizer's parameters that are not the model's, as a
    criterion may have. With batch norm each process normalises by its own share, unless it is
    synchronised, and the first one's running statistics are everybody's.

    Parameters
    ----------
    accelerator
        Of this process.
    group
        A group of all processes for tensors on the CPU.
    beat
        Called wherever this process has come further, before it waits for others.
    """

    def __init__(self, accelerator: Accelerator, group: Any, beat: Callable[[], None]) -> None:
        self.accelerator, self._group, self._beat = accelerator, group, beat
        self.count = accelerator.num_processes
        self.split = Partition(accelerator.process_index, self.count)
        self.total = self._total
        self._own = torch.get_rng_state()
        self._wrapped: DistributedDataParallel | None = None
        self._averaged: frozenset[int] = frozenset()

    def prepare(self, model: nn.Module) -> Callable[[Any], Any]:
        """Wrap the model, whose parameters stay the same objects."""
        if not any(parameter.requires_grad for parameter in model.parameters()):
            return model  # nothing to average; the loss without a gradient is told by the run
        wrapped = self.accelerator.prepare_model(model, device_placement=False)
        self._wrapped = wrapped if isinstance(wrapped, DistributedDataParallel) else None
        self._averaged = frozenset(map(id, self._wrapped.parameters() if self._wrapped else ()))
        return wrapped  # type: ignore[no-any-return]

    def gathering(self, *, whole: bool) -> AbstractContextManager[Any]:
        """Leave gradients of batches that do not complete a step to this process."""
        if whole or self._wrapped is None:
            return nullcontext()
        return self._wrapped.no_sync()

    def average(self, optimizer: Optimizer, *, unknown: bool) -> None:
        """Take the mean of gradients that were not averaged as they came."""
        parameters = [
            parameter
            for group in optimizer.param_groups
            for parameter in group["params"]
            if unknown or id(parameter) not in self._averaged
        ]
        if not parameters:
            return
        there = torch.tensor(
            [parameter.grad is not None for parameter in parameters], dtype=torch.int8
        )
        dist.all_reduce(there, dist.ReduceOp.MAX, group=self._group)
        for parameter, known in zip(parameters, there.tolist(), strict=True):
            if known:
                gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                dist.all_reduce(gradient)
                parameter.grad = gradient / self.count

    def weighed(
        self, loss: Tensor, scores: Tensor, criterion: Any, targets: Any, share: Shard | None
    ) -> Tensor:
        """Weigh the loss of a share by its part of the batch's."""
        self._beat()
        if share is None:
            return loss
        nothing = scores.sum() * 0.0  # a loss over no image is not a number
        if getattr(criterion, "reduction", "mean") == "sum":
            return loss if share.own else nothing
        own = denominator(criterion, targets)
        if own is None:
            return loss * (share.own / share.whole) if share.own else nothing
        own = own if share.own else torch.zeros_like(own)
        whole = own.clone()
        dist.all_reduce(whole)
        return loss * (own / whole) if own or not whole else nothing

    def seed(self, seed: int, epoch: int) -> None:
        """Let this process's model draw apart from the others'; all else is drawn alike."""
        digest = hashlib.sha256(f"{seed}/{epoch}/{self.accelerator.process_index}".encode())
        own = int.from_bytes(digest.digest()[:4], "big")
        self._own = torch.Generator().manual_seed(own).get_state()
        if self.accelerator.device.type == "cuda":
            torch.cuda.manual_seed(own)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Draw from this process's own sequence, as long as the context lasts."""
        common = torch.get_rng_state()
        torch.set_rng_state(self._own)
        try:
            yield
        finally:
            self._own = torch.get_rng_state()
            torch.set_rng_state(common)

    def align(self, *parts: Any) -> None:
        """Give all processes the first one's buffers."""
        self._beat()
        modules = [part for part in parts if isinstance(part, nn.Module)]
        mine = [dict(module.named_buffers()) for module in modules]
        # a buffer may have become another, in this process or in the first
        first: list[Any] = [[[(n, b.shape, b.dtype) for n, b in each.items()] for each in mine]]
        dist.broadcast_object_list(first, 0, group=self._group)
        for module, buffers, described in zip(modules, mine, first[0], strict=True):
            theirs = {}
            for name, shape, dtype in described:
                buffer = buffers.get(name)
                if buffer is None or (buffer.shape, buffer.dtype) != (shape, dtype):
                    buffer = torch.zeros(shape, dtype=dtype)
                sent = buffer.detach().to(self.accelerator.device).contiguous()
                sent = sent.to(torch.uint8) if sent.dtype == torch.bool else sent
                if sent.numel():
                    dist.broadcast(sent, 0)
                theirs[name] = sent.to(dtype)
            parameters = dict(module.named_parameters())
            put_tensors(module, theirs, left=parameters)

    def _total(self, numbers: Tensor) -> Tensor:
        self._beat()
        dist.all_reduce(numbers, group=self._group)
        return numbers


def shared(
    request: RunRequest,
    group: Any,
    beat: Callable[[], None],
    *,
    device: torch.device,
    ddp: dict[str, Any],
) -> tuple[RunRequest, ManyRanks]:
    """Give a request that this process shares with the others, and what its run asks them.

    Parameters
    ----------
    request
        Its model is synchronised where it is to be.
    group, beat
        As :class:`ManyRanks` takes them.
    device
        On which this process trains.
    ddp
        Settings of DistributedDataParallel.
    """
    cpu = device.type == "cpu"
    settings = {"find_unused_parameters": True, **ddp}
    accelerator = Accelerator(cpu=cpu, kwargs_handlers=[DistributedDataParallelKwargs(**settings)])
    model = synchronised(request.model, cpu=cpu) if request.sync_bn else request.model
    request = replace(request, model=model, background=False)
    return request, ManyRanks(accelerator, group, beat)


class Asked:
    """What the kernel asks of a run: heard in a thread that listens, taken between steps.

    Attributes
    ----------
    stop
        Whether the run is to end.
    """

    def __init__(self) -> None:
        self.stop = False
        self._rest = self._left = False
        self._changes: list[Any] = []
        self._lock = threading.Lock()

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message of the kernel's."""
        with self._lock:
            self.stop, self._rest = message["stop"], message["rest"]
            self._left = self._left or not self._rest
            if message["change"] is not None:
                self._changes.append(message["change"])

    def take(self) -> tuple[bool, bool, list[Any]]:
        """Give whether to stop, whether to rest, and what to change since this was last called.

        A rest that ended and began anew between two calls is left once, so that the kernel hears
        of the second, too.
        """
        with self._lock:
            rest, self._left = self._rest and not self._left, False
            changes, self._changes = self._changes, []
            return self.stop, rest, changes


class RankControl(RunControl):
    """Flags that change between two batches, in all processes at once.

    Parameters
    ----------
    asked
        What the kernel asks for; of the first process alone.
    group
        A group of all processes for tensors on the CPU.
    beat
        Called before this process waits for the others.
    apply
        Makes a change in the run's objects.
    """

    def __init__(
        self,
        asked: Asked,
        group: Any,
        beat: Callable[[], None],
        apply: Callable[[Any], None],
    ) -> None:
        super().__init__()
        self._asked, self._group, self._beat, self._apply = asked, group, beat, apply
        self._flags = {"stop": False, "rest": False, "due": False}
        self._due = False
        self.applied = 0

    def look(self) -> None:
        """Let all processes learn what the first was asked for."""
        self._beat()
        stopping, resting, changes = self._asked.take()
        stopping = stopping or self._stop.is_set()  # by an interrupt of this process
        text = json.dumps(changes).encode() if changes else b""
        flags = torch.tensor([stopping, resting, self._due, len(text)], dtype=torch.int64)
        self._due = False
        dist.all_reduce(flags, dist.ReduceOp.MAX, group=self._group)
        stop, rest, due, size = flags.tolist()
        self._flags = {"stop": bool(stop), "rest": bool(rest), "due": bool(due)}
        if size:
            sent = torch.zeros(size, dtype=torch.uint8)
            if text:
                sent.copy_(torch.frombuffer(bytearray(text), dtype=torch.uint8))
            dist.broadcast(sent, 0, group=self._group)
            for change in json.loads(bytes(sent.tolist())):
                self.applied += 1
                self._apply(change)

    @property
    def stopping(self) -> bool:
        """Whether the run was asked to end, when last looked."""
        return self._flags["stop"]

    @property
    def pausing(self) -> bool:
        """Whether the run was asked to rest, when last looked."""
        return self._flags["rest"]

    def agreed(self, due: bool) -> bool:
        """Say whether it was due in some process a batch ago."""
        self._due = self._due or due
        return self._flags["due"]

    def _rests(self) -> bool:
        self.look()
        return self.pausing
