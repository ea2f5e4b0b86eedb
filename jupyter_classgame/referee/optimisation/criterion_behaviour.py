"""Observe a criterion by its gradients: class weights, label smoothing, penalties on weights."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from jupyter_classgame.referee.facts import CriterionFacts, Mismatch, OutputKind
from jupyter_classgame.referee.isolation.fork import explain

Loss = Callable[[Tensor, Tensor], Tensor]

MOST_CLASSES = 200
UNEVEN = 1.03


def observe_criterion(
    criterion: Any,
    outputs: Any,
    scores: Tensor,
    targets: Tensor | None,
    parameters: list[tuple[str, Tensor]],
    output_kind: OutputKind,
) -> CriterionFacts:
    """Call a criterion on real outputs, then on random ones, and examine the gradients.

    Parameters
    ----------
    criterion
        Callable of (outputs, targets); None stands for cross-entropy.
    outputs, scores
        What the model returned for a few images, and the class scores in that, (n, classes).
    targets
        The targets of those images, as the loader yields them; None where there are none.
    parameters
        Names and parameters of the model; a penalty on weights has gradients to them.
    output_kind
        What the scores are.
    """
    if criterion is None:
        criterion = nn.CrossEntropyLoss()
    facts = CriterionFacts(name=getattr(criterion, "__name__", type(criterion).__name__))
    if isinstance(criterion, nn.Module):
        criterion.train()
    if targets is None:
        return _mismatched(facts, "no-targets", "the batches hold images alone, without targets")
    try:
        loss = criterion(outputs, targets.to(scores.device))
    except Exception as error:  # noqa: BLE001 - whatever the user's loss raises
        if isinstance(outputs, Tensor):
            return _mismatched(facts, "raised", explain(error))
        returned = f"the model returns a {type(outputs).__name__}, not scores alone"
        return _mismatched(facts, "outputs", f"{returned}: {explain(error)}")
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        shape = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
        return _mismatched(facts, "loss", f"{facts.name} gives {shape}; one number is needed")
    if not isinstance(outputs, Tensor) or scores.ndim != 2 or scores.shape[1] < 2:
        return facts
    probe = _CriterionProbe(criterion, scores, targets, output_kind)
    facts.softmaxes_itself = probe.ignores_constants()
    facts.softmaxes_twice = probe.softmaxes_twice()
    facts.unbounded = probe.falls_without_end()
    facts.penalty = _penalty(probe, parameters)
    weights = probe.weights()
    if weights is not None and float(weights.max()) > UNEVEN * float(
        weights.min().clamp_min(1e-12)
    ):
        top = int(weights.argmax())
        ratio = float(weights.max() / weights.median().clamp_min(1e-12))
        facts.weights = f"{facts.name}: class {top} counts {ratio:.3g} times as much as most"
    facts.smoothing = probe.smoothing()
    return facts


def _mismatched(facts: CriterionFacts, mismatch: Mismatch, complaint: str) -> CriterionFacts:
    facts.mismatch, facts.complaint = mismatch, complaint
    return facts


class _CriterionProbe:
    """A criterion called on random scores, in whatever form the model returns scores.

    Parameters
    ----------
    criterion
        Callable of (outputs, targets).
    scores, targets
        Examples, (n, classes) and (n,) or (n, classes): random ones get their type and device.
    kind
        What the scores are.
    """

    def __init__(self, criterion: Any, scores: Tensor, targets: Tensor, kind: OutputKind) -> None:
        self.criterion, self.kind = criterion, kind
        self.classes = scores.shape[1]
        self.targets = targets
        self.like = scores
        self.generator = torch.Generator().manual_seed(3)

    def _targets(self, classes: Tensor) -> Tensor:
        if self.targets.ndim == 2 and self.targets.shape[1] == self.classes:
            hot = functional.one_hot(classes, self.classes).to(self.targets.dtype)
            return hot.to(self.like.device)
        return classes.to(self.like.device, self.targets.dtype)

    def loss(self, logits: Tensor, classes: Tensor) -> Tensor:
        """Return the loss for logits (n, classes), in the form in which the model returns them."""
        outputs = logits
        if self.kind == "probabilities":
            outputs = logits.softmax(1)
        elif self.kind == "log-probabilities":
            outputs = logits.log_softmax(1)
        elif self.kind == "between 0 and 1":
            outputs = logits.sigmoid()
        result: Tensor = self.criterion(outputs, self._targets(classes))
        return result

    def random(self, rows: int) -> Tensor:
        """Return random logits, (rows, classes)."""
        values = torch.randn(rows, self.classes, generator=self.generator)
        return values.to(self.like.device, torch.float32)

    def ignores_constants(self) -> bool:
        """Return whether the criterion applies a softmax: adding a constant changes nothing."""
        outputs = self.random(6).softmax(1)
        targets = self._targets(torch.arange(6) % self.classes)
        with torch.no_grad():
            try:
                one = self.criterion(outputs, targets)
                two = self.criterion(outputs + 0.7, targets)
            except (RuntimeError, ValueError):
                return False
        return bool(torch.allclose(one, two, rtol=1e-4, atol=1e-6))

    def softmaxes_twice(self) -> bool:
        """Return whether the loss is the cross-entropy of a softmax of the scores."""
        logits = 3 * self.random(6)
        classes = torch.arange(6) % self.classes
        with torch.no_grad():
            found = self.loss(logits, classes)
            twice = functional.cross_entropy(logits.softmax(1), classes.to(logits.device))
        return self.kind == "logits" and bool(torch.allclose(found.float(), twice, rtol=1e-4))

    def falls_without_end(self) -> bool:
        """Return whether the loss is linear in the scores: larger ones always lower it."""
        logits = 3 * self.random(6)
        classes = torch.arange(6) % self.classes
        with torch.no_grad():
            one, two, back = (float(self.loss(k * logits, classes)) for k in (1, 2, -1))
        linear = abs(two - 2 * one) < 1e-4 * abs(one) and abs(back + one) < 1e-4 * abs(one)
        return self.kind == "logits" and linear

    def gradients(self, logits: Tensor, classes: Tensor) -> Tensor | None:
        """Return the gradient of the loss with respect to logits; None where there is none."""
        leaf = logits.clone().requires_grad_()
        loss = self.loss(leaf, classes)
        if not loss.requires_grad:
            return None
        found: tuple[Tensor | None, ...] = torch.autograd.grad(loss, leaf, allow_unused=True)
        return found[0]

    def weights(self) -> Tensor | None:
        """Return the weight of each class, (classes,): gradients of rows that permute the classes.

        None for many classes, and where there is no gradient.
        """
        count = self.classes
        base = self.random(1)[0]
        base[0] = -1.0  # an uncertain class: a certain one leaves no gradient
        rows = torch.stack([base.roll(c) for c in range(count)]) if count <= MOST_CLASSES else None
        if rows is None:
            return None
        gradient = self.gradients(rows, torch.arange(count))
        if gradient is None:
            return None
        norms: Tensor = torch.linalg.vector_norm(gradient, dim=1)
        return norms.cpu()

    def smoothing(self) -> float:
        """Return epsilon if the loss is a cross-entropy with label smoothing, else 0.

        See Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision".
        """
        rows = min(64, 4 * self.classes)
        classes = torch.arange(rows) % self.classes
        logits = 2 * self.random(rows)
        gradient = self.gradients(logits, classes)
        if gradient is None:
            return 0.0
        gradient = gradient.double().cpu()
        size = gradient.norm(dim=1, keepdim=True)
        if bool((size == 0).any()):
            return 0.0
        # Row by row: gradient = s * p - u - (v - u) * [class], unknown s, u, v; one epsilon.
        p = logits.double().softmax(1).cpu()
        found = []
        for row in range(rows):
            hot = functional.one_hot(classes[row], self.classes).double()
            design = torch.stack([p[row], torch.ones_like(hot), hot], 1)
            answer = torch.linalg.lstsq(design, gradient[row]).solution
            rest = (design @ answer - gradient[row]).norm() / gradient[row].norm()
            if float(rest) > 1e-3 or float(answer[0]) <= 0:
                return 0.0
            found.append(float(-answer[1] / answer[0]) * self.classes)
        values = torch.tensor(found)
        epsilon = float(values.median())
        if float((values - epsilon).abs().max()) > 0.02 or epsilon < 1e-3:
            return 0.0
        return round(epsilon, 4)


def _penalty(probe: _CriterionProbe, parameters: list[tuple[str, Tensor]]) -> str:
    """Describe the penalty on weights: what gradients they have while the outputs are constant."""
    trainable = [(name, p) for name, p in parameters if p.requires_grad]
    if not trainable:
        return ""
    rows = probe.random(4).requires_grad_()
    loss = probe.loss(rows, torch.arange(4) % probe.classes)
    if not loss.requires_grad:
        return ""
    pulls = torch.autograd.grad(loss, [p for _, p in trainable], allow_unused=True)
    pulled = []
    signs = 0
    for (_, p), pull in zip(trainable, pulls, strict=True):
        if pull is None or float(pull.norm()) == 0:
            continue
        size = float(pull.norm() * p.norm()) or 1.0
        along = float((pull * p).sum()) / size
        by_sign = float((pull * p.sign()).sum()) / (float(pull.norm() * p.sign().norm()) or 1.0)
        if along > 0.98 or by_sign > 0.98:
            pulled.append(float(pull.norm() / p.norm().clamp_min(1e-12)))
            signs += by_sign > along
    if not pulled:
        return ""
    kind = "an L1" if signs * 2 > len(pulled) else "an L2"
    return f"the criterion adds {kind} penalty on {len(pulled)} of {len(trainable)} tensors"
