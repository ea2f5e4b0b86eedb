"""The auditor of a run: checks what it can know exactly, at steps drawn as the run goes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.errors import one_line
from jupyter_classgame.referee.audit.breach import Breach, UnauditableError
from jupyter_classgame.referee.audit.compiled_graph import compiled_beside, has_compiled
from jupyter_classgame.referee.audit.criterion_law import CriterionWatch
from jupyter_classgame.referee.audit.draws import Draws
from jupyter_classgame.referee.audit.expectations import Expectations
from jupyter_classgame.referee.audit.first_layer_images import FrontWatch
from jupyter_classgame.referee.audit.forward_trace import (
    FEWEST,
    ForwardTrace,
    WeightsInUse,
    other_weights,
)
from jupyter_classgame.referee.audit.gradient import (
    GradientWatch,
    Mean,
    OutputGradient,
    has_gradient_hooks,
    output_gradient,
    tensors_in,
)
from jupyter_classgame.referee.audit.image_count import ImageCount
from jupyter_classgame.referee.audit.optimizer_steps.step_watch import StepWatch
from jupyter_classgame.referee.audit.weights import WeightWatch
from jupyter_classgame.referee.facts import CriterionFacts, Facts, ModelFacts
from jupyter_classgame.training.module_names import is_eager
from jupyter_classgame.training.optimizer_class import is_hooked, is_torchs_own
from jupyter_classgame.training.run.auditor import Auditor, Elsewhere

COMPILED = "the model is compiled"
OUTPUTS_ALONE = "those of the criterion on the outputs of the model, and nothing else"

CHECKS = {
    "images": "how many images there are",
    "weights": "weights between steps",
    "loss": "the loss",
    "gradient": "gradients of the weights",
    "model": "operations in training",
    "step": "the optimizer's step",
    "validation": "operations in validation",
}
"""The checks, as a player reads of them."""

FREE = 30_000
"""A copy of so many weights takes no time: their values are compared at every step."""

Judge = Callable[[Facts], list[str]]


class RunAudit(Auditor):
    """Audits a run, and tells of the first breach; then it is over.

    A check that fails by an error of its own, as on objects that it does not know, is given up and
    proves nothing: ``impossible`` says why, by check.

    Parameters
    ----------
    expected
        What the look before the run found.
    judged
        Gives a line for each technique in facts that the run may not use.
    told
        Called with a breach.
    every
        Audit each step; by default those that are drawn.
    """

    def __init__(
        self,
        expected: Expectations,
        judged: Judge,
        told: Callable[[Breach], None],
        *,
        every: bool | None = None,
    ) -> None:
        self.expected, self.judged, self.told = expected, judged, told
        self.impossible: dict[str, str] = {}
        self.draws = Draws(every=every)
        self.run: Any = None
        self._total: Callable[[Tensor], Tensor] | None = None
        self._over, self._ranks = True, 1
        self._passed: set[str] = set()
        self._due = self._next = self._last = False
        self._fresh, self._first = True, True
        self._trace: ForwardTrace | None = None
        self._given: OutputGradient | None = None
        self._beside: int | None = None
        self._trained = WeightsInUse()
        self._passes = 0
        self._measured = self._chosen = 0

    def elsewhere(self) -> Elsewhere:
        """Give what makes such an auditor in another process."""
        return partial(_made, self.expected, self.judged, self.draws.every)

    def breached(self, run: Any, fields: Mapping[str, Any]) -> None:
        """Take a breach that was found in another process; the first of a run counts."""
        if not run.history.failed_audits:
            run.history.failed_audits += 1
            self.told(Breach(**fields))

    def begin(self, run: Any, ranks: Any) -> None:
        """Take the run's objects as they are."""
        self.run, self._over = run, False
        self._total, self._ranks = ranks.total, ranks.count
        if self._total is not None:
            self.draws.share(self._total)
        model = run.request.model
        self.model = model
        self.weights = WeightWatch(model)
        self.gradients = GradientWatch(model)
        self.criterion = CriterionWatch(run.request.criterion)
        self.front = FrontWatch(random=self.expected.changes_images, steady=self.expected.steady)
        most = self.expected.images
        self.images = None if most is None else ImageCount(most, self.draws.seed())
        shown = self.expected.validation
        self.shown = None if shown is None else ImageCount(shown, self.draws.seed())
        self._size = sum(p.numel() for p in model.parameters())
        self.steps = StepWatch(self._size, self.draws.shuffle)
        if not is_eager(model):
            self._cannot("model", COMPILED)
            self._cannot("validation", COMPILED)
        self.weights.keep(values=True)

    # -- the parts of a step ----------------------------------------------------------------

    def epoch_begins(self) -> None:
        """Draw the epoch's audits."""
        if self.run is None:
            return
        self.draws.epoch_begins(self.run.request.batches)  # also where it is over: others go on
        self._next = self.draws.due()

    def weights_moved(self) -> None:
        """Take the weights anew, where an optimizer has them in two places."""
        if not self._over and not is_torchs_own(self.run.optimizer):
            self.weights.keep(values=True)

    def batch_begins(self, images: Any, *, first: bool, last: bool) -> None:
        """Compare the weights with those after the last step, and count the images."""
        if self.run is None:
            return
        self._due, self._next = self._next or self._first, self.draws.due()
        self._fresh, self._last, self._first = first, last, False
        if self._over:
            return
        with self._check("images"):
            if self.images is not None and isinstance(images, Tensor):
                self.images.add(images)
        if first:
            with self._check("weights"):
                self._compare("between two steps")

    def forward(self, images: Any) -> AbstractContextManager[Any]:
        """Trace the pass where it is due."""
        if self._over or not self._due:
            return nullcontext()
        return self._traced(images)

    def backward_begins(self, outputs: Any, loss: Tensor, scaled: Tensor) -> None:
        """Differentiate the loss to the outputs, and keep the graph where it is passed again."""
        self._given, self.holds_graph = None, False
        if self._over or not self._due:
            return
        with self._check("gradient"):
            beside = compiled_beside(loss, tensors_in(outputs))
            before, self._beside = self._beside, beside if self._beside is None else self._beside
            if before is not None and beside > before:
                self._tell("gradient", OUTPUTS_ALONE, "the loss passes the model once more")
                return
            if not beside:  # a compiled criterion
                self._given = output_gradient(outputs, loss, scaled)
            if has_compiled(loss):
                raise UnauditableError(COMPILED)
            self.gradients.before(fresh=self._fresh)
            self.holds_graph = True

    def backward_ended(self, outputs: Any, targets: Any, *, whole: bool) -> None:
        """Check the gradients, the criterion and what ran."""
        if not self._due or self.run is None:
            return
        given, self._given = self._given, None
        trace, self._trace = self._trace, None
        if not self._over and given is not None:
            with self._check("loss"):
                self._check_criterion(given, targets)
        held, self.holds_graph = self.holds_graph, False
        if whole or self._total is None:
            self._check_gradient(given, ready=held and not self._over)
        if self._over:
            return
        with self._check("model"):
            if trace is not None and not trace.lost:
                self._check_model(trace, outputs)
        self.run.history.audits += 1

    def step_begins(self) -> None:
        """Compare the weights once more, and make the optimizer's twin."""
        if self._over:
            return
        with self._check("weights"):
            self._compare("within forward, criterion or backward")
        if self._over or not self._due:
            return
        with self._check("step"):
            if not _overflowed(self.run):
                self.steps.begins(self.run.optimizer)

    def step_taken(self) -> None:
        """Compare the optimizer's step with its twin's."""
        if self._over or not self._due:
            return
        with self._check("step"):
            found, hooked = self.steps.taken(), is_hooked(self.run.optimizer)
            if not self._owned("step", found, hooked=hooked):
                expected = "what the optimizer makes of the gradients with its settings"
                self._tell("step", expected, found)

    def step_ended(self) -> None:
        """Remember the weights."""
        if self._over:
            return
        with self._check("weights"):
            wanted = self._next or self._last or self._size <= FREE or self.weights.suspicious
            self.weights.keep(values=wanted)

    def epoch_trained(self) -> None:
        """Compare the weights once more, and count the images."""
        if self._over:
            return
        with self._check("weights"):
            self._compare("after the epoch's last step", end=True)
            if not self._over and not self.weights.copies:
                self.weights.keep(values=True)
        if self.images is not None and not self._over:
            with self._check("images"):
                most = f"the {self.images.most:,} images that there were before the first step"
                self._tell("images", most, self.images.epoch_ended(), end=True)

    # -- validation -------------------------------------------------------------------------

    def validation_begins(self, model: nn.Module) -> None:
        """Compare the weights with those that were trained, and draw a batch."""
        del model
        if self._over:
            return
        with self._check("weights"):
            self._compare("before validation", end=True)
        try:
            count = len(self.run.request.val_loader)
        except TypeError:
            count = 1
        self._measured, self._chosen = 0, self.draws.number(max(1, count - (count > 1)))

    def evaluation(self, images: Any) -> AbstractContextManager[Any]:
        """Trace the pass that was drawn, and count the images of all."""
        self._measured += 1
        if self.shown is not None and not self._over:
            with self._check("validation"):
                if isinstance(images, Tensor):
                    self.shown.add(images)
        if self._over or self._measured != self._chosen:
            return nullcontext()
        return self._traced(images)

    def evaluated(self, outputs: Any) -> None:
        """Check what ran."""
        trace, self._trace = self._trace, None
        if self._over or trace is None or trace.lost:
            return
        with self._check("validation"):
            self._check_evaluation(trace, outputs)

    def validation_ended(self) -> None:
        """Compare the weights with those from before."""
        if self._over:
            return
        with self._check("weights"):
            self._compare("during validation", end=True)
        if self.shown is not None and not self._over:
            with self._check("validation"):
                same = "the images of val_loader as they were in the first epoch"
                self._tell("validation", same, self.shown.epoch_ended(), end=True)

    # -- the checks -------------------------------------------------------------------------

    def _compare(self, when: str, *, end: bool = False) -> None:
        changed = self.weights.changed()
        if changed:
            self._tell("weights", "only the optimizer's steps change them", f"{changed} {when}",
                       end=end)  # fmt: skip

    def _check_gradient(self, given: OutputGradient | None, *, ready: bool) -> None:
        """Check the gradients in all processes or in none: each has a part of their mean."""
        expected = None
        if not self._agreed(ready):
            return
        with self._check("gradient"):
            expected = self.gradients.expected(given)
        if self._agreed(expected is not None) and expected is not None:
            with self._check("gradient"):
                found = self.gradients.difference(expected, given, self._mean)
                if not self._owned("gradient", found, hooked=has_gradient_hooks(self.model)):
                    self._tell("gradient", OUTPUTS_ALONE, found)

    def _check_criterion(self, given: OutputGradient, targets: Any) -> None:
        if len(given.outputs) != 1 or given.outputs[0].ndim != 2:
            return
        found, smoothing = self.criterion.look(given.outputs[0], targets, given.of_loss[0])
        self._tell("loss", "the criterion of the first step", found)
        if smoothing and not self._over:
            self._judge("loss", Facts(criterion=CriterionFacts(smoothing=smoothing)))

    def _check_model(self, trace: ForwardTrace, outputs: Any) -> None:
        images = trace.images
        facts = trace.facts(outputs)
        if facts is None:
            return
        self._trained.trained.update(trace.weights.trained)
        self._trained.others |= trace.weights.others
        self._passes = max(self._passes, *trace.trace.runs.values(), 1)
        self._judge("model", Facts(model=facts))
        if not self._over:
            self._tell(
                "model", "what it did in other steps", self.front.trained(images, trace.front)
            )

    def _check_evaluation(self, trace: ForwardTrace, outputs: Any) -> None:
        facts = trace.facts(outputs)
        if facts is None or not self._passes:
            return
        runs = {}
        most = max([*trace.trace.runs.values(), 1])
        if "views" in trace.trace.provenance.marks and most > self._passes:
            runs["tta"] = (most, f"in evaluation the scores of {most} views are joined")
        swapped = other_weights(self._trained, trace.weights)
        if swapped:
            runs["ema"] = (1, swapped)
        seen = ModelFacts(runs=runs, members=facts.members)
        self._judge("validation", Facts(model=seen))
        if not self._over:
            found = self.front.measured(trace.images, trace.front)
            self._tell("validation", "the images of val_loader, once each", found)

    def _judge(self, what: str, facts: Facts) -> None:
        lines = self.judged(facts)
        self._tell(what, "what was seen before the first step", "; ".join(lines))

    def _owned(self, what: str, found: str, *, hooked: bool) -> bool:
        """Give up a check that fails by hooks that the look has seen, and found to be owned.

        What they do shows from the first step on, but for clipping: that may wait for a large
        gradient. Where the first step agreed, hooks that take part later are others.
        """
        if what in self.impossible:
            return True
        if not found:
            self._passed.add(what)
        elif hooked and (
            self.expected.clipped or (self.expected.shaped and what not in self._passed)
        ):
            self._cannot(what, "hooks that the look has seen take part in it")
            return True
        return False

    def _tell(self, what: str, expected: str, found: str, *, end: bool = False) -> None:
        if not found or self._over:
            return
        self._over = True
        self.holds_graph = False
        self.weights.forget()
        run = self.run
        run.history.failed_audits += 1
        self.told(Breach(what, run.epoch, 0 if end else run.batch, expected, found))

    # -- how they are made ------------------------------------------------------------------

    @contextmanager
    def _traced(self, images: Any) -> Iterator[None]:
        trace = None
        with self._check("model"):
            if isinstance(images, Tensor) and len(images) >= FEWEST and is_eager(self.model):
                parameters = self.model.parameters()
                trace = ForwardTrace(images, parameters, self.expected.classes)
        self._trace = trace
        if trace is None:
            yield
            return
        with self.draws.timed(whole=True), trace:
            yield

    @contextmanager
    def _check(self, what: str) -> Iterator[None]:
        """Time a check; an error of its own ends no run and proves nothing."""
        with self.draws.timed():
            try:
                yield
            except UnauditableError as error:
                self._cannot(what, str(error))
            except Exception as error:  # noqa: BLE001 - whatever a user's objects do to it
                self._cannot(what, f"{type(error).__name__}: {one_line(error)}")
                if what == "gradient":
                    self.holds_graph = False

    def _cannot(self, what: str, reason: str) -> None:
        """Remember why a check is impossible, for the player, too."""
        self.impossible[what] = reason
        self.run.history.unaudited[CHECKS[what]] = reason

    # -- with other processes ---------------------------------------------------------------

    def _agreed(self, ready: bool) -> bool:
        """Say whether all processes are ready."""
        if self._total is None:
            return ready
        return float(self._total(torch.tensor([ready], dtype=torch.float64))) == self._ranks

    @property
    def _mean(self) -> Mean | None:
        """Gives the mean of a tensor over all processes; None where there is one."""
        total, ranks = self._total, self._ranks
        if total is None:
            return None

        def mean(tensor: Tensor) -> Tensor:
            summed = total(tensor.detach().to("cpu", torch.float64))
            return (summed / ranks).to(tensor.device, tensor.dtype)

        return mean


def _made(
    expected: Expectations, judged: Judge, every: bool, told: Callable[[Breach], None]
) -> RunAudit:
    return RunAudit(expected, judged, told, every=every)


def _overflowed(run: Any) -> bool:
    """Say whether a scaled loss was too large, so that no step is taken."""
    if run.scaler is None:
        return False
    found = run.scaler._found_inf_per_device(run.optimizer)  # noqa: SLF001 - nothing else tells
    return any(bool(each.item()) for each in found.values())
