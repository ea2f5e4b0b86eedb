"""The auditor of a run: checks what it can know exactly, at steps drawn as the run goes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from torch import Tensor, nn

from jupyter_classgame.referee.audit.breach import Breach
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
from jupyter_classgame.referee.audit.gradient import GradientWatch, output_gradient
from jupyter_classgame.referee.audit.image_count import ImageCount
from jupyter_classgame.referee.audit.step_twin import PARTS, StepTwin
from jupyter_classgame.referee.audit.weights import WeightWatch
from jupyter_classgame.referee.facts import CriterionFacts, Facts, ModelFacts
from jupyter_classgame.training.module_names import is_eager
from jupyter_classgame.training.run.auditor import Auditor

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
    """

    def __init__(
        self, expected: Expectations, judged: Judge, told: Callable[[Breach], None]
    ) -> None:
        self.expected, self.judged, self.told = expected, judged, told
        self.impossible: dict[str, str] = {}
        self.draws = Draws()
        self.run: Any = None
        self._over = True
        self._due = self._next = self._last = False
        self._fresh, self._first = True, True
        self._trace: ForwardTrace | None = None
        self._twin: StepTwin | None = None
        self._trained = WeightsInUse()
        self._passes = 0
        self._measured = self._chosen = 0

    def begin(self, run: Any) -> None:
        """Take the run's objects as they are."""
        self.run, self._over = run, False
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
        self.weights.keep(values=True)

    # -- the parts of a step ----------------------------------------------------------------

    def epoch_begins(self) -> None:
        """Draw the epoch's audits."""
        if self._over:
            return
        self.draws.epoch_begins(self.run.request.batches)
        self._next = self.draws.due()

    def weights_moved(self) -> None:
        """Take the weights anew, where an optimizer has them in two places."""
        if not self._over and not type(self.run.optimizer).__module__.startswith("torch.optim"):
            self.weights.keep(values=True)

    def batch_begins(self, images: Any, *, first: bool, last: bool) -> None:
        """Compare the weights with those after the last step, and count the images."""
        if self._over:
            return
        self._due, self._next = self._next or self._first, self.draws.due()
        self._fresh, self._last, self._first = first, last, False
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

    def backward_begins(self, loss: Tensor) -> None:
        """Keep the graph where the gradients are to be computed once more."""
        self.holds_graph = False
        if self._over or not self._due:
            return
        with self._check("gradient"):
            if not _compiled(loss):
                self.gradients.before(fresh=self._fresh)
                self.holds_graph = True

    def backward_ended(self, outputs: Any, targets: Any, loss: Tensor, scaled: Tensor) -> None:
        """Check the gradients, the criterion and what ran."""
        if self._over or not self._due:
            return
        trace, self._trace = self._trace, None
        if self.holds_graph:
            with self._check("gradient"):
                self._check_gradients(outputs, targets, loss, scaled)
            self.holds_graph = False
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
        if self._over or not self._due or self.run.scaler is not None:
            return
        with self._check("step"):
            shuffle = self.draws.shuffle
            self._twin = StepTwin.of(self.run.optimizer, max(self._size // PARTS, 1), shuffle)

    def step_taken(self) -> None:
        """Compare the optimizer's step with its twin's."""
        twin, self._twin = self._twin, None
        if self._over or twin is None:
            return
        with self._check("step"):
            self._tell(
                "step",
                "what the optimizer makes of the gradients with its settings",
                twin.difference(),
            )

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

    def _check_gradients(self, outputs: Any, targets: Any, loss: Tensor, scaled: Tensor) -> None:
        given = output_gradient(outputs, loss, scaled)
        if given is None:
            return
        alone = len(given.outputs) == 1 and given.outputs[0].ndim == 2
        if alone:
            scores = given.outputs[0]
            found, smoothing = self.criterion.look(scores, targets, given.of_loss[0])
            self._tell("loss", "the criterion of the first step", found)
            if smoothing and not self._over:
                facts = CriterionFacts(smoothing=smoothing)
                self._judge("loss", Facts(criterion=facts))
        if not self._over:
            self._tell(
                "gradient",
                "those of the criterion on the outputs of the model, and nothing else",
                self.gradients.difference(given),
            )

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

    def _tell(self, what: str, expected: str, found: str, *, end: bool = False) -> None:
        if not found or self._over:
            return
        self._over = True
        self.holds_graph = False
        self.weights.forget()
        history, run = self.run.history, self.run
        history.failed_audits += 1
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
            except Exception as error:  # noqa: BLE001 - whatever a user's objects do to it
                self.impossible[what] = f"{type(error).__name__}: {error}"
                if what == "gradient":
                    self.holds_graph = False


def _compiled(loss: Tensor) -> bool:
    """Say whether a part of the graph of a loss was compiled: it can be passed only once."""
    seen: set[Any] = set()
    waiting = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if "Compiled" in node.name():
            return True
        waiting.extend(following for following, _ in node.next_functions)
    return False
