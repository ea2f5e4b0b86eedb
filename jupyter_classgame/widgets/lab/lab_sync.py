"""Keep the labextension's panel and status bar in step with the game, and answer its requests.

Changes of the current game are sent at most twice a second; without a connected labextension only
the runs under way are recorded.
"""

import logging
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import ClassGameError, LedgerError
from jupyter_classgame.events import (
    EpochEnded,
    Event,
    HandEdited,
    Judged,
    Noticed,
    Progress,
    RunEnded,
    RunStarted,
    WalletChanged,
)
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.comm.message_schema import MAX_BYTES, ignored, size
from jupyter_classgame.widgets.lab.bound_game import is_game
from jupyter_classgame.widgets.lab.called_runs import CalledRuns
from jupyter_classgame.widgets.lab.game_state import (
    ROOM,
    RunView,
    runs_message,
    verdict_message,
    wallet_message,
)
from jupyter_classgame.widgets.lab.run_curves import (
    Numbers,
    accuracies,
    curves_message,
    recorded_message,
)
from jupyter_classgame.widgets.lab.send_throttle import SendThrottle

if TYPE_CHECKING:
    from jupyter_classgame.session.game import Game
    from jupyter_classgame.training.run_control import RunControl

logger = logging.getLogger(__name__)

PAUSE = 0.5
"""Least seconds between two messages."""

PROGRESS_PAUSE = 1.25
"""Least seconds from the last message to one that only reports an epoch."""

WITHIN_PAUSE = 2.5
"""The same within an epoch: the chart in the cell takes its share of messages."""

HEAD = 100
"""Bytes of a message beside the state that it carries, and some to spare."""

PAUSES: dict[type, float] = {EpochEnded: PROGRESS_PAUSE, Progress: WITHIN_PAUSE}
"""Events that can wait longer than others."""

MAX_UNDER_WAY = 4
"""Most runs that are reported at a time, the newest."""


class LabSync:
    """Sends the state of the current game to the labextension and carries out its requests.

    Parameters
    ----------
    link
        The comms with labextensions.
    pause
        Least seconds between two messages.
    """

    def __init__(self, link: comm_link.CommLink, pause: float = PAUSE) -> None:
        self.game: Game | None = None
        self._link = link
        self._ip: Any = None
        self._outbox = SendThrottle(self._send, pause)
        self._lock = RLock()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._watched: Game | None = None
        self._end_watch: Callable[[], None] = lambda: None
        self._book: tuple[dict[str, Any], tuple[Any, ...]] | None = None
        self._edition = 0
        self._verdict: dict[str, Any] | None = None
        self._views: dict[int, RunView] = {}
        self._numbers: dict[int, Numbers] = {}
        link.listener = self.answer

    def follow(self, game: "Game | None") -> None:
        """Report this game from now on; None for no game.

        A game of the same team that was started again shares its events and keeps its runs.
        """
        with self._lock:
            if game is self.game:
                return
            before, self.game = self.game, game
            self._turn()
            if game is None or before is None or game.events is not before.events:
                self._unsubscribe()
                self._verdict, self._views, self._numbers = None, {}, {}
                self._unsubscribe = self._subscribed(game) if game else lambda: None
            for history in () if game is None else game.histories:
                self._numbers.setdefault(history.run, history)
        self._watch(None)
        self._link.announce()
        self._changed()

    def _subscribed(self, game: "Game") -> Callable[[], None]:
        """Listen to a game, and show its runs that nothing else shows."""
        ends = [game.events.subscribe(each) for each in (self.handle, CalledRuns().handle)]

        def unsubscribe() -> None:
            for end in ends:
                end()

        return unsubscribe

    def attach(self, ip: Any) -> None:
        """Check after every cell of a shell which game is bound as ``game``."""
        self._ip = ip
        ip.events.register("post_run_cell", self._look)

    def detach(self, ip: Any) -> None:
        """Undo :meth:`attach`."""
        if self._ip is ip:
            self._ip = None
            ip.events.unregister("post_run_cell", self._look)
            self.follow(None)

    def _look(self, _result: Any = None) -> None:
        found = self._ip.user_ns.get("game")
        self.follow(found if is_game(found) else None)

    def handle(self, event: Event) -> None:
        """Take an event of the game, in the thread that raises it."""
        with self._lock:
            match event:
                case WalletChanged():
                    self._turn()
                case Judged():
                    self._verdict = verdict_message(event.verdict)
                case RunStarted():
                    self._begin(event)
                case Progress() | EpochEnded() | HandEdited() | RunEnded() if (
                    event.run in self._views
                ):
                    self._views[event.run].take(event)
                    self._numbers[event.run] = self._views[event.run].numbers
                case Noticed(unranked=True) if event.run in self._views:
                    view = self._views[event.run]
                    view.lost_rank = (*view.lost_rank, event.message)
            if isinstance(event, RunEnded):  # what it used stays bought
                self._turn()
        self._changed(PAUSES.get(type(event)))

    def _begin(self, event: RunStarted) -> None:
        going = {run: view for run, view in self._views.items() if not view.finished}
        view = RunView.of(event)
        self._views = dict([*going.items(), (event.run, view)][-MAX_UNDER_WAY:])
        self._numbers[event.run] = view.numbers

    # -- sending ----------------------------------------------------------------------------

    def _changed(self, pause: float | None = None) -> None:
        if self._link.alive:
            self._outbox.ask(pause)
        else:
            self._watch(None)

    def _watch(self, game: "Game | None") -> None:
        """Watch for purchases of other kernels, as long as a labextension is connected."""
        with self._lock:
            if game is self._watched:
                return
            self._watched, end = None, self._end_watch
            self._end_watch = lambda: None
        end()
        if game is not None:
            end = game.watch()  # reads the ledger, which may take long
            with self._lock:
                if game is self.game and self._link.alive:
                    self._watched, self._end_watch, end = game, end, lambda: None
            end()  # nobody is connected any more

    def _send(self) -> None:
        """Send the state of the game, in the throttle's thread: no run waits for the ledger."""
        try:
            self._watch(self.game)
            state = self.state()
        except LedgerError as error:  # it is tried again at the next change
            logger.debug("the ledger could not be looked at: %s", error)
        else:
            self._link.send_game(state)

    def state(self) -> dict[str, Any] | None:
        """Return the state of the game as a message of the protocol; None without a game."""
        game = self.game
        if game is None:
            return None
        wallet, records = self._read(game)
        with self._lock:
            views = list(self._views.values())
            going = {view.run for view in views if not view.finished}
            ended = [record for record in records if record.number not in going]
            curves = {run: accuracies(numbers) for run, numbers in self._numbers.items()}
            state = {
                **wallet,
                "under_way": [self._run_message(game, view) for view in views],
                "runs": [],
                "run_count": len(ended),
                "verdict": self._verdict,
            }
            room = min(ROOM, MAX_BYTES - HEAD - size(state))
            return {**state, "runs": runs_message(ended, curves, room)}

    def _turn(self) -> None:
        """Mark what was read from the ledger as outdated."""
        self._book = None
        self._edition += 1

    def _read(self, game: "Game") -> tuple[dict[str, Any], tuple[Any, ...]]:
        """Return the wallet and the runs, read from the ledger only if they have changed."""
        with self._lock:
            book, edition = self._book, self._edition
        if book is None:
            book = wallet_message(game), game.runs().runs
            with self._lock:
                if edition == self._edition:  # else it is read again soon
                    self._book = book
        return book

    def _run_message(self, game: "Game", view: RunView) -> dict[str, Any]:
        control = None if view.finished else _control(game, view.run)
        return view.to_message(
            paused=control is not None and control.paused,
            stopping=control is not None and control.stopping,
        )

    # -- answering --------------------------------------------------------------------------

    def answer(self, message: dict[str, Any], channel: Any) -> None:
        """Carry out a request of a labextension; one for another game or team is ignored."""
        if message["type"] == "hello":
            self._changed()
            return
        if message["type"] == "chart":  # of any game that was played in this kernel
            self._open_chart(message["place"], channel)
            return
        game = self.game
        if game is None:
            ignored("there is no game")
        elif (message["pack"], message["team"]) != (game.pack.name, game.team):
            ignored(f"it is meant for team {message['team'][:40]!r} of {message['pack'][:40]!r}")
        elif message["type"] == "control":
            self._steer(game, message["run"], message["action"])
        elif message["type"] == "curves":
            self._give_curves(game, message["run"], channel)
        elif message["type"] == "baseline":
            self._give_baseline(game, channel)
        else:
            self._give_recipe(game, message["slug"], channel)

    def _open_chart(self, place: str, channel: Any) -> None:
        from jupyter_classgame.widgets.chart.finished_chart import open_picture  # noqa: PLC0415 - loads ipywidgets

        self._link.send_chart(place, open_picture(place), channel)

    def _steer(self, game: "Game", run: int, action: str) -> None:
        with self._lock:
            view = self._views.get(run)
        control = _control(game, run) if view and not view.finished else None
        if control is None:
            ignored(f"run {run} is not under way")
            return
        steer = {"stop": control.stop, "pause": control.pause, "resume": control.resume}
        steer[action]()
        self._outbox.ask()

    def _give_curves(self, game: "Game", run: int, channel: Any) -> None:
        with self._lock:
            numbers = self._numbers.get(run)
            curves = None if numbers is None else curves_message(numbers)
        if curves is None:
            curves = self._recorded_curves(game, run)
        if curves is None:
            ignored(f"run {run} has no numbers")
            return
        whose = {"pack": game.pack.name, "team": game.team, "run": run}
        if not self._link.send_curves({**whose, **curves}, channel):
            ignored(f"the numbers of run {run} are too long")

    def _recorded_curves(self, game: "Game", run: int) -> dict[str, Any] | None:
        """Return the curves of another kernel's run, from the ledger."""
        try:
            records = [record for record in self._read(game)[1] if record.number == run]
            curves = game.ledger.curves(records[0]) if records else {}
        except LedgerError as error:
            logger.debug("the ledger could not be looked at: %s", error)
            return None
        return recorded_message(curves) if curves else None

    def _give_recipe(self, game: "Game", slug: str, channel: Any) -> None:
        try:
            code = game.recipe(slug)
        except ClassGameError as error:
            ignored(str(error)[:200])
            return
        self._insert([code], f"the recipe of {slug} came into no cell", channel)

    def _give_baseline(self, game: "Game", channel: Any) -> None:
        """Insert the cells of the pack's baseline: those that are missing, else all of them."""
        pack = game.pack
        cells = pack.missing_cells(game.context.namespace) or pack.notebook
        self._insert(cells, "the cells of the baseline were not inserted", channel)

    def _insert(self, cells: Sequence[str], failed: str, channel: Any) -> None:
        self._link.insert(cells, lambda done: None if done else ignored(failed), channel)


def _control(game: "Game", run: int) -> "RunControl | None":
    """Return the control of a run; imported late, as this loads torch."""
    from jupyter_classgame.session.run_registry import control_of  # noqa: PLC0415

    return control_of(game.context, run)


kernel_sync = LabSync(comm_link.link)
"""This kernel's synchronisation with the labextension; a kernel has one."""


def register(ip: Any) -> None:
    """Open this kernel's comm target and follow the game that is bound as ``game`` in a shell."""
    comm_link.register(ip)
    kernel_sync.attach(ip)


def unregister(ip: Any) -> None:
    """Undo :func:`register`."""
    kernel_sync.detach(ip)
    comm_link.unregister(ip)
