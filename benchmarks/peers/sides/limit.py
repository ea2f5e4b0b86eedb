"""The limit of the machine: forward, backward and step on one resident batch, in the faster layout.

Nothing is loaded, augmented or measured. An epoch has as many steps as on every other side; the
last step has as many images as are left over.
"""

import math
import time

import torch
from torch import nn

from peers.clock import Clock, Task, device

PROBE_STEPS = 10


def train(task: Task, clock: Clock, *, bf16: bool) -> tuple[nn.Module, list[float]]:
    """Train on one batch; return the model and the loss at the end of each epoch."""
    there, work = device(), task.work
    pixels, labels = task.images("train")
    picks = torch.randperm(len(labels), generator=torch.Generator().manual_seed(task.seed))
    images = (pixels[picks[: work.batch]].float() / 255).to(there)
    targets = labels[picks[: work.batch]].to(there)
    criterion = nn.CrossEntropyLoss()

    def stepper(layout: torch.memory_format):  # noqa: ANN202 - a model and its step
        model = work.model(task.seed).to(there, memory_format=layout).train()
        optimizer = work.optimizer_for(model)
        held = images.to(memory_format=layout)

        def step(count: int) -> torch.Tensor:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(there, torch.bfloat16, enabled=bf16):
                loss = criterion(model(held[:count]), targets[:count])
            loss.backward()
            optimizer.step()
            return loss.detach()

        return model, step

    layouts = (torch.channels_last, torch.contiguous_format)
    steps = {layout: stepper(layout) for layout in layouts}
    seconds = dict.fromkeys(layouts, math.inf)
    for number in range(1 + PROBE_STEPS):  # the first is a warm-up
        for layout in layouts:
            start = time.perf_counter()
            steps[layout][1](work.batch).item()
            spent = time.perf_counter() - start
            seconds[layout] = min(seconds[layout], spent) if number else math.inf
    best = min(layouts, key=seconds.__getitem__)
    model, step = steps[best]
    whole, left = divmod(len(labels), work.batch)
    losses = []
    for _ in range(task.epochs):
        clock.epoch_begins()
        for _ in range(whole):
            loss = step(work.batch)
        if left:
            step(left)
        losses.append(loss.item())
        clock.training_ends()
    clock.fit_ends()
    model.layout = str(best).removeprefix("torch.")
    return model, losses


def train_bf16(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train under bf16 autocast."""
    return train(task, clock, bf16=True)


def train_fp32(task: Task, clock: Clock) -> tuple[nn.Module, list[float]]:
    """Train in fp32."""
    return train(task, clock, bf16=False)
