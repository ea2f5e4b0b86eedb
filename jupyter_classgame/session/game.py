"""The game: one team's play in one kernel."""

import sys
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_classgame.config import ClassGame
from jupyter_classgame.data import ImageSets, make_loader
from jupyter_classgame.errors import DataError
from jupyter_classgame.packs import Pack
from jupyter_classgame.session.context import Context, SharedState
from jupyter_classgame.session.images import team_images as game_images
from jupyter_classgame.session.namespace import class_there
from jupyter_classgame.session.remote_game import GameFacts
from jupyter_classgame.session.status import (
    FinalAttempt,
    FinalScore,
    RunTable,
    Status,
    best_run,
    ranked_runs,
)
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.shop.item import amount, plain_number
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.storage.records import GameRecord

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

    from jupyter_classgame.data import GameDataset, SampleSheet
    from jupyter_classgame.evaluation.model_ensemble import Ensemble, Vote
    from jupyter_classgame.evaluation.report import Report
    from jupyter_classgame.referee import Verdict
    from jupyter_classgame.training.history import History
    from jupyter_classgame.training.range_test.range_test import RangeTest
    from jupyter_classgame.training.run_control import RunControl


class Game(Purchases):
    """One team's play: its images, its wallet, its runs. ``%classgame new`` makes it.

    Attributes
    ----------
    pack : Pack
    team : str
    practice : bool
        Played without a wallet; nothing is ranked.
    seed : int or None
        Seed of every run that is given none of its own.
    notes : tuple of str
        What a player should know about how the game was started.
    histories : list of History
        The runs of this kernel, oldest first.
    events : Bus
        Tells of purchases and runs, also those of a game that took this one's place.
    """

    def __init__(
        self,
        *,
        pack: Pack,
        images: ImageSets,
        ledger: Ledger,
        record: GameRecord,
        config: ClassGame,
        namespace: MutableMapping[str, Any],
        shared: SharedState | None = None,
        seed: int | None = None,
        practice: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            Context(
                pack=pack,
                ledger=ledger,
                record=record,
                config=config,
                namespace=namespace,
                images=images,
                shared=shared or SharedState(),
                seed=seed,
                practice=practice,
            )
        )
        self.notes = notes

    @property
    def seed(self) -> int | None:
        """Seed of every run that is given none of its own."""
        return self.context.seed

    @property
    def config(self) -> ClassGame:
        """The configured defaults."""
        return self.context.config

    @property
    def namespace(self) -> MutableMapping[str, Any]:
        """The names of the notebook."""
        return self.context.namespace

    @property
    def histories(self) -> "list[History]":
        """The runs of this kernel, oldest first."""
        return self.context.histories

    def recipe(self, item: str) -> str:
        """Give an item's recipe, as code to paste and edit.

        What it builds on and the notebook has not got yet stands above it. A class of the baseline
        that it edits is the one that the notebook has now, with all that is in it already.

        Raises
        ------
        OrderError
            There is no such item.
        """
        names = self.namespace
        return self.pack.recipe(
            self._find(item), {"game", *names}, lambda name: class_there(name, names)
        )

    def sent_as(self) -> tuple[Any, ...]:
        """Give what stands for the game in other processes, which have no wallet and no images."""
        return GameFacts.of(self)

    # -- images -----------------------------------------------------------------------------

    @property
    def images(self) -> ImageSets:
        """The images of the game, for the rooms above; players take :meth:`dataset`."""
        return self.context.images

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels."""
        return self.context.classes

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of every image, in pixels."""
        return self.context.image_size

    @property
    def fraction(self) -> float:
        """The share of the training images that the team may train on."""
        return self.context.fraction

    def dataset(
        self,
        split: str,
        fraction: float | None = None,
        transform: Callable[[Any], Any] | None = None,
    ) -> "GameDataset":
        """Give the images of a split as a torch dataset.

        Parameters
        ----------
        split
            "train" or "val"; the test images stay hidden.
        fraction
            The share of the training images, above 0 and at most 1; None is the base fraction.
        transform
            Gets a float32 tensor (3, H, W) in [0, 1] and returns a tensor.

        Returns
        -------
        GameDataset
            Items are (float32 tensor (3, H, W) in [0, 1], int label).

        Raises
        ------
        DataError
            There is no such split or fraction.
        """
        return game_images.dataset(self.context, split, fraction, transform)

    def loader(
        self,
        split: str,
        batch_size: int | None = None,
        transform: Callable[[Any], Any] | None = None,
        fraction: float | None = None,
        batch_transform: Callable[[Any, Any], Any] | None = None,
        shuffle: bool | None = None,
        **options: Any,
    ) -> Any:
        """Give the images of a split in batches, as an ordinary torch ``DataLoader``.

        Parameters
        ----------
        split, transform, fraction
            As in :meth:`dataset`. More than the team owns warns here and stops ``%train``.
        batch_size
            Images a batch; None is the configured default, 64 unless it is set.
        batch_transform
            Gets (images (B, 3, H, W), labels (B)) and returns such a pair: mixup, cutmix.
        shuffle
            New order every epoch; None shuffles the training images.
        **options
            ``DataLoader``'s own.

        Raises
        ------
        DataError
            An option is wrong.
        """
        return make_loader(
            game_images.dataset(self.context, split, fraction, transform),
            batch_size=self.config.batch_size if batch_size is None else batch_size,
            batch_transform=batch_transform,
            shuffle=shuffle,
            **options,
        )

    def show(self, per_class: int = 1) -> "SampleSheet":
        """Show labelled samples of every class."""
        from jupyter_classgame.data import sample_sheet  # noqa: PLC0415 - loads torch

        return sample_sheet(self.images, per_class)

    # -- runs -------------------------------------------------------------------------------

    def train(
        self,
        model: "nn.Module | None" = None,
        optimizer: "Optimizer | None" = None,
        *,
        data: Iterable[Any] | None = None,
        val: Iterable[Any] | str | None = None,
        criterion: Any = None,
        scheduler: Any = None,
        control: "RunControl | None" = None,
        **options: Any,
    ) -> "History":
        """Train a model in place; the twin of ``%train``, with the same names.

        What is left out is taken from the namespace by its name: ``model``, ``optimizer``,
        ``train_loader`` (data), ``val_loader`` (val), ``criterion``, ``scheduler``. "none" leaves
        ``val`` or ``scheduler`` out. Without a criterion it is cross-entropy.

        Parameters
        ----------
        control
            Stops or pauses the run from elsewhere.
        **options
            Those of :mod:`jupyter_classgame.training.options.table`: ``epochs``, ``seed``,
            ``devices``, ``precision``, ``practice``, ``patience``, ``warmup``, ``ema`` and so on.

            With ``background`` all checks are made and the run goes on in a thread. What other
            cells draw at random meanwhile, or another run, comes in between its own draws: only
            alone does it repeat exactly. It ends with the process, so a script calls
            ``history.wait()``.

        Returns
        -------
        History
            Of a run in the background, while it grows; ``wait()`` raises the error that ended it.

        Raises
        ------
        TrainingError
            Something is missing, is not what it should be, is not owned, or is used by a run that
            is under way; nothing was trained.
        """
        from jupyter_classgame.session.runs import training_run  # noqa: PLC0415 - loads torch

        given = {
            "model": model,
            "optimizer": optimizer,
            "train_loader": data,
            "val_loader": val,
            "criterion": criterion,
            "scheduler": scheduler,
        }
        return training_run.train(self.context, given, options, control)

    def check(
        self,
        model: "nn.Module | None" = None,
        optimizer: "Optimizer | None" = None,
        *,
        criterion: Any = None,
        train_loader: Iterable[Any] | None = None,
        val_loader: Iterable[Any] | str | None = None,
        scheduler: Any = None,
    ) -> "Verdict":
        """Give the referee's verdict without training; the twin of ``%classgame check``.

        What is left out is taken from the namespace by its name, as :meth:`train` does.

        Raises
        ------
        TrainingError
            Something is missing or is not what it should be.
        """
        from jupyter_classgame.session.runs import training_run  # noqa: PLC0415 - loads torch

        options = {
            "model": model,
            "optimizer": optimizer,
            "criterion": criterion,
            "train_loader": train_loader,
            "val_loader": val_loader,
            "scheduler": scheduler,
        }
        return training_run.check(self.context, options)

    def lr_find(
        self,
        model: "nn.Module | None" = None,
        optimizer: "Optimizer | None" = None,
        *,
        data: Iterable[Any] | None = None,
        criterion: Any = None,
        first: float = 1e-7,
        last: float = 10.0,
        steps: int = 100,
        seeds: int = 1,
        watch: "Callable[[int, int, float], None] | None" = None,
        **options: Any,
    ) -> "RangeTest":
        """Find the rates that a model learns at (Smith 2015); the twin of ``%lr_find``.

        A step is taken at each rate from ``first`` to ``last``, which grow by one factor; then
        everything is put back. What is left out is taken from the namespace, as :meth:`train`
        does.

        Parameters
        ----------
        first, last
            The first and the last rate of the first parameter group; ``--from`` and ``--to``.
        steps
            Steps of a sweep, at least 8; it ends early where the loss grows out of bounds.
        seeds
            Sweeps, each in an order of its own; the median of what they say is suggested.
        watch
            Called with the sweep, from 0, the step, from 1, and its loss.
        **options
            ``devices``, ``precision``, ``seed`` and ``threads``, as in :meth:`train`.

        Raises
        ------
        TrainingError
            Something is missing or out of its range, is used by a run that is under way, or the
            first loss is not finite.
        """
        from jupyter_classgame.session.runs import rate_range  # noqa: PLC0415 - loads torch

        given = {
            "model": model,
            "optimizer": optimizer,
            "train_loader": data,
            "val_loader": "none",
            "criterion": criterion,
            "scheduler": "none",
        }
        asked = {"first": first, "last": last, "steps": steps, "seeds": seeds}
        return rate_range.lr_find(self.context, given, options, watch, **asked)

    def ensemble(
        self,
        *models: "nn.Module | Sequence[nn.Module]",
        vote: "Vote | None" = None,
        data: Iterable[Any] | None = None,
        devices: str = "auto",
    ) -> "Ensemble":
        """Let models vote; the twin of ``%ensemble``. A list or dict of models is taken apart.

        ``vote`` is "soft", "hard" or "weighted"; None is the configured default.

        Raises
        ------
        ClassGameError
            The Ensemble enchanter is not owned, or the models cannot be put together.
        """
        from jupyter_classgame.session.scoring import scores  # noqa: PLC0415 - loads torch

        return scores.ensemble(
            self.context, models, vote=vote or self.config.vote, data=data, devices=devices
        )

    def evaluate(
        self,
        model: "nn.Module | None" = None,
        *,
        data: Iterable[Any] | None = None,
        final: bool = False,
        devices: str = "auto",
    ) -> "Report | FinalScore":
        """Score a model; the twin of ``%evaluate``. A run that trains it rests meanwhile.

        Parameters
        ----------
        model
            None is the namespace's ``model``.
        data
            A loader; None is the namespace's ``val_loader``, or the validation images.
        final
            Score on the hidden test images instead, once for each weights that end a ranked run;
            at once, where ``%evaluate --final`` asks. :meth:`final_attempt` says what is left.

        Raises
        ------
        EvaluationError
            The model cannot be scored.
        """
        from jupyter_classgame.session.scoring import scores  # noqa: PLC0415 - loads torch

        if final:
            if data is not None:
                raise DataError("--final scores the hidden test images; leave --data out")
            return scores.final(self.context, model, devices=devices)
        return scores.evaluate(self.context, model, data=data, devices=devices)

    def final_attempt(
        self, model: "nn.Module | None" = None, *, devices: str = "auto"
    ) -> FinalAttempt:
        """Say what a final score would be of, and how many attempts are left; nothing is scored.

        Parameters
        ----------
        model
            None is the namespace's ``model``.
        devices
            Where it computes, here and when the attempt's ``score()`` is called.

        Raises
        ------
        EvaluationError
            The model would be refused.
        """
        from jupyter_classgame.session.scoring import scores  # noqa: PLC0415 - loads torch

        return scores.final_attempt(self.context, model, devices=devices)

    def _held(self) -> str:
        """Say which weights the namespace's ``model`` holds; empty where there is none."""
        torch = sys.modules.get("torch")  # a model is there only if it was loaded
        model = self.namespace.get("model")
        if torch is None or not isinstance(model, torch.nn.Module):
            return ""
        from jupyter_classgame.session.scoring import held_weights  # noqa: PLC0415 - loads torch

        return held_weights.held_weights(self.context, model)

    # -- records ----------------------------------------------------------------------------

    def restore(
        self,
        run: int | None = None,
        model: "nn.Module | None" = None,
        optimizer: "Optimizer | None" = None,
    ) -> "History":
        """Put what is kept of a run into the notebook's objects, as after a dead kernel.

        The model gets the weights that the run left, as far as whole epochs are kept: the last
        epoch's, the best one's or their average. The optimizer, the scheduler and the loaders'
        random generators get their state of then. :meth:`train` goes on from there.

        Parameters
        ----------
        run
            Its number; None is the latest run of which something is kept.
        model, optimizer
            None takes those that the notebook has by these names.

        Returns
        -------
        History
            The run's numbers.

        Raises
        ------
        TrainingError
            There is no such run, nothing of it is kept, or the objects are not like those that it
            trained; they are left as they are.
        """
        from jupyter_classgame.session.runs import kept_run  # noqa: PLC0415 - loads torch

        given = dict.fromkeys(("train_loader", "val_loader", "criterion", "scheduler"))
        return kept_run.restore(
            self.context, run, {**given, "model": model, "optimizer": optimizer}
        )

    def earlier_runs(self) -> "tuple[History, ...]":
        """Give the runs of this kernel that stand behind the chart of the next, oldest first."""
        return self.context.earlier_runs()

    def runs(self) -> RunTable:
        """List all runs of the game, those of other kernels too."""
        names = {item.slug: item.name for item in self.pack.catalogue}
        return RunTable(self.pack.name, self.team, tuple(self.ledger.runs(self.record)), names)

    def status(self) -> Status:
        """Sum the game up."""
        from jupyter_classgame.session.runs.resumption import how_to_resume  # noqa: PLC0415 - loads torch

        wallet = self.wallet
        training_run = self.ledger.runs(self.record)
        images, cut_off = self.images, how_to_resume(self.context)
        return Status(
            pack=self.pack.name,
            title=self.pack.title,
            team=self.team,
            budget=wallet.budget,
            balance=wallet.balance,
            owned=tuple((self.pack.catalogue[slug], n) for slug, n in wallet.owned.items()),
            classes=self.classes,
            image_size=self.image_size,
            images=(len(images.train), len(images.val), len(images.test)),
            best=best_run(training_run),
            runs=len(training_run),
            unvalidated=bool(ranked_runs(training_run)),
            finals=(len(self.ledger.finals(self.record)), self.pack.rules.final_attempts),
            max_epochs=self.pack.rules.max_epochs,
            model=self._held(),
            practice=self.practice,
            ledger=self.ledger.where,
            complete=self._complete(),
            notes=(*self.notes, cut_off) if cut_off else self.notes,
        )

    def _complete(self) -> bool:
        """Whether a notebook has all names of the pack's baseline; elsewhere it needs none."""
        names = self.context.namespace
        return "get_ipython" not in names or not self.pack.missing_cells(names)

    def __repr__(self) -> str:
        left = f"{plain_number(self.balance)} of {amount(self.budget)}"
        return f"Game({self.pack.name}, team {self.team}, {left})"
