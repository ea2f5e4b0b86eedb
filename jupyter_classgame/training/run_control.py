"""Steering a run from elsewhere: stop, pause, and a kernel interrupt that finishes the step."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.optim import Optimizer

logger = logging.getLogger(__name__)

PATIENCE = 0.05
"""Seconds between two looks at the flags, while a run is paused."""

PASSED_OVER = 2
"""Interrupts that come too late to change anything; one more, and somebody wants out."""


class RunControl:
    """A run's flags; they may be raised from any thread.

    Attributes
    ----------
    number
        The run's number, None as long as it has none.
    paused
        Whether :meth:`pause` was called last, and not :meth:`resume`.
    interrupted
        Whether a kernel interrupt has reached the run.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.paused = False
        self.interrupted = False
        self._optimizer: Callable[[], Optimizer] | None = None
        self._thread: int | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._holders: list[int] = []
        self._resting = threading.Event()
        self._settled = False
        self._over = threading.Event()
        self._awaiting: list[Callable[[], None]] = []
        self._error: tuple[BaseException, TracebackType | None] | None = None

    def attach(self, number: int, optimizer: Callable[[], "Optimizer"]) -> None:
        """Learn the run's number, and how to find the optimizer that takes its steps."""
        self.number, self._optimizer = number, optimizer

    def begin(self) -> None:
        """Say that the run begins, in this thread."""
        self._thread = threading.get_ident()

    def settle(self) -> None:
        """Say that training has ended: what remains is to write it down, and is done whole."""
        self._settled = True

    def end(self, error: BaseException | None = None) -> None:
        """Say that the run is over, and by which error; nobody waits for it any longer."""
        if error is not None:
            from jupyter_classgame.training.tracebacks import user_frames  # noqa: PLC0415 - loads torch

            self._error = error, user_frames(error.__traceback__)
        self._optimizer = None  # nothing of the run is kept alive by its flags
        with self._lock:
            self._over.set()
            awaiting, self._awaiting = self._awaiting, []
        for call in awaiting:
            try:
                call()
            except Exception:
                logger.exception("what follows the end of run %s failed", self.number)

    def when_over(self, call: Callable[[], None]) -> None:
        """Call a function once the run is over, in its thread; at once if it is."""
        with self._lock:
            if not self.over:
                self._awaiting.append(call)
                return
        call()

    def stop(self) -> None:
        """Ask the run to end after the step it is in."""
        self._stop.set()

    def pause(self) -> None:
        """Ask the run to rest after the step it is in, until :meth:`resume` or :meth:`stop`."""
        self.paused = True

    def resume(self) -> None:
        """Let a paused run go on."""
        self.paused = False

    @property
    def stopping(self) -> bool:
        """Whether the run was asked to end."""
        return self._stop.is_set()

    @property
    def pausing(self) -> bool:
        """Whether the run was asked to rest, by :meth:`pause` or by :meth:`held`."""
        return self.paused or bool(self._holders)

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self._over.is_set()

    @property
    def under_way(self) -> bool:
        """Whether the run has its number and has not ended."""
        return self.number is not None and not self.over

    @property
    def optimizer(self) -> "Optimizer | None":
        """The optimizer that takes the run's steps, None before and after the run."""
        find = self._optimizer
        return None if find is None else find()

    # -- others wait for the run ------------------------------------------------------------

    @property
    def waits_for_me(self) -> bool:
        """Whether the run cannot go on before the caller has: it is the run, or holds it."""
        me = threading.get_ident()
        return not self.over and (me == self._thread or me in self._holders)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run is over; say whether it is."""
        return self._over.wait(timeout)

    def raise_error(self) -> None:
        """Raise what ended the run, if an error did; every time it is called."""
        __tracebackhide__ = True  # IPython leaves this frame out
        if self._error is not None:
            error, trace = self._error
            raise error.with_traceback(trace)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the run rest after the step it is in, as long as this lasts.

        Neither :meth:`resume` nor :meth:`stop` ends such a rest. Where the run is over, or is the
        caller's own, there is nothing to wait for.
        """
        me = threading.get_ident()
        if self.over or me == self._thread:
            yield
            return
        with self._lock:
            self._holders.append(me)
        try:
            while not self._over.is_set() and not self._resting.wait(PATIENCE):
                pass
            yield
        finally:
            with self._lock:
                self._holders.remove(me)

    # -- the run's own thread ---------------------------------------------------------------

    def look(self) -> None:
        """Learn, before a batch, what others ask for; here the flags are raised by them."""

    def agreed(self, due: bool) -> bool:
        """Say whether what is due in some process is to be done now, in all of them."""
        return due

    @property
    def wants_rest(self) -> bool:
        """Whether the run is to rest, or to rest on."""
        return self._rests()

    def rests(self, resting: bool) -> None:
        """Hear that the run rests in other processes, or goes on there."""
        (self._resting.set if resting else self._resting.clear)()

    def rest(self, told: Callable[[bool], None]) -> float:
        """Rest in the run's own thread as long as it is paused or held.

        ``told`` hears True when the rest begins and False when it ends.

        Returns
        -------
        float
            Seconds of rest.
        """
        if not self._rests():
            return 0.0
        start = time.perf_counter()
        told(True)
        self._resting.set()
        try:
            while self._rests():
                time.sleep(PATIENCE)
        finally:
            self._resting.clear()
            told(False)
        return time.perf_counter() - start

    def _rests(self) -> bool:
        """Say whether to rest on; who holds the run later does not take it to be resting."""
        with self._lock:
            rests = bool(self._holders) or (self.paused and not self.stopping)
            if not rests:
                self._resting.clear()
            return rests

    @contextmanager
    def catching_interrupts(self) -> Iterator[None]:
        """Turn the first interrupt into :meth:`stop`; a second one is a ``KeyboardInterrupt``.

        Once the run is settled, the next two are passed over. Outside the main thread signals
        cannot be caught, and nothing is changed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        patience = PASSED_OVER

        def handle(_signal: int, _frame: FrameType | None) -> None:
            nonlocal patience
            if self._settled and patience:
                patience -= 1
                return
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True
            self.stop()

        before = signal.signal(signal.SIGINT, handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
