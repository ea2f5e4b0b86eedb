"""Ensembles: several models that vote (Hansen and Salamon 1990, doi:10.1109/34.58871)."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - PyTorch's own name for it

from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.evaluation.prediction import predict, to_probabilities
from jupyter_classgame.training.device.placement import modes_kept
from jupyter_classgame.training.loop.meter import scores_of
from jupyter_classgame.training.state.weights_fingerprint import unwrapped
from jupyter_classgame.training.wording import score_text

Vote = Literal["soft", "hard", "weighted"]
VOTES: tuple[Vote, ...] = ("soft", "hard", "weighted")
TINY = 1e-12
PAIR = 2


class Ensemble(nn.Module):
    """Ensemble of models that vote, as a module that returns log-probabilities (N, C).

    Parameters
    ----------
    members
        Two or more models; they vote in eval mode, and their own mode is restored.
    names
        Names of the members.
    vote
        "soft" averages the members' probabilities, "hard" counts the members that predict a class,
        "weighted" averages the probabilities with ``weights``.
    weights
        One per member, finite, non-negative and not all 0; used for "weighted" only.

    Raises
    ------
    EvaluationError
        There are fewer than two members, one is given twice, or the vote or weights are wrong.

    Attributes
    ----------
    member_accuracy, accuracy
        On the images of :func:`build_ensemble`, in [0, 1]; None without it.
    n, data
        Number and name of those images.
    notes
        What a player should know of it, a line each.
    unranked
        Why it cannot be scored for rank at the moment; empty where nothing is known against it.
    origins
        Whose weights the members had then, one each; empty where it is not known.
    """

    def __init__(
        self,
        members: Sequence[nn.Module],
        names: Sequence[str] | None = None,
        vote: Vote = "soft",
        weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        _check_members(members)
        if vote not in VOTES:
            raise EvaluationError(f"--vote {vote}: write one of {', '.join(VOTES)}")
        self.members = nn.ModuleList(members)
        default = [f"model {number}" for number in range(1, len(members) + 1)]
        self.names = list(names or default)
        self.vote: Vote = vote
        share = [1.0] * len(members) if weights is None else [float(each) for each in weights]
        _check_weights(share, len(members))
        self.weights: list[float] = [each / sum(share) for each in share]
        self.member_accuracy: list[float] | None = None
        self.accuracy: float | None = None
        self.n = 0
        self.data = ""
        self.notes: tuple[str, ...] = ()
        self.unranked = ""
        self.origins: tuple[str, ...] = ()

    def forward(self, images: Tensor) -> Tensor:
        """Return log-probabilities (N, C) for images (N, ...)."""
        with _voting(self.members):
            rows = [to_probabilities(scores_of(member(images))) for member in self.members]
        return self.combine(rows).clamp_min(TINY).log()

    def combine(self, probabilities: Sequence[Tensor]) -> Tensor:
        """Combine the members' probabilities, each (N, C), by vote; rows of the result sum to 1."""
        rows = torch.stack(list(probabilities))
        if self.vote == "hard":
            rows = F.one_hot(rows.argmax(2), rows.shape[2]).to(rows.dtype)
        weights = self.weights if self.vote == "weighted" else [1 / len(rows)] * len(rows)
        share = torch.tensor(weights, dtype=rows.dtype, device=rows.device)
        return (rows * share[:, None, None]).sum(0)

    def __repr__(self) -> str:
        score = "" if self.accuracy is None else f", accuracy {score_text(self.accuracy)}"
        unranked = f"; {self.unranked}" if self.unranked else ""
        return f"Ensemble({', '.join(self.names)}; {self.vote} vote{score}{unranked})"


def build_ensemble(
    members: Sequence[nn.Module],
    loader: Iterable[Any],
    device: torch.device,
    *,
    names: Sequence[str] | None = None,
    vote: Vote = "soft",
    classes: int | None = None,
    data: str = "the validation images",
) -> Ensemble:
    """Build an ensemble and score it and its members over one pass of a loader.

    Parameters
    ----------
    loader
        The images to score on; the accuracies are the weights of a weighted vote.
    classes
        Number of classes that the members must distinguish; None skips the check.
    data
        Name of the images.

    Raises
    ------
    EvaluationError
        There are fewer than two members, one is given twice, or they differ in class count.
    """
    ensemble = Ensemble(members, names, vote)
    rows, labels = predict(members, loader, device)
    counts = {name: row.shape[1] for name, row in zip(ensemble.names, rows, strict=True)}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise EvaluationError(f"the members predict different numbers of classes: {found}")
    if classes is not None and (count := rows[0].shape[1]) < classes:
        raise EvaluationError(f"the members predict {count} classes, but there are {classes}")
    targets = torch.from_numpy(labels)
    accuracies = [float((row.argmax(1) == targets).double().mean()) for row in rows]
    if vote == "weighted" and sum(accuracies) > 0:
        ensemble = Ensemble(members, ensemble.names, vote, accuracies)
    voted = ensemble.combine(rows).argmax(1)
    ensemble.member_accuracy = accuracies
    ensemble.accuracy = float((voted == targets).double().mean())
    ensemble.n, ensemble.data = len(labels), data
    return ensemble


def _check_members(members: Sequence[nn.Module]) -> None:
    for number, member in enumerate(members, start=1):
        if not isinstance(member, nn.Module):
            kind = type(member).__name__
            raise EvaluationError(f"member {number} is a {kind}; a torch.nn.Module is needed")
    if len(members) < PAIR:
        raise EvaluationError(
            f"an ensemble needs two models or more, not {len(members)}: %ensemble MODEL MODEL ..."
        )
    first: dict[int, int] = {}
    for number, member in enumerate(members, start=1):
        if (other := first.setdefault(id(unwrapped(member)), number)) != number:
            raise EvaluationError(
                f"members {other} and {number} are the same model, whose vote would count twice; "
                "train a second model"
            )


def _check_weights(weights: Sequence[float], members: int) -> None:
    if len(weights) != members:
        raise EvaluationError(f"{len(weights)} weights for {members} members; give one per member")
    if not all(math.isfinite(each) and each >= 0 for each in weights) or not any(weights):
        raise EvaluationError(
            f"weights {list(weights)}: must be finite, not negative, and not all 0"
        )


@contextmanager
def _voting(members: nn.ModuleList) -> Iterator[None]:
    with modes_kept(*members):
        for member in members:
            member.eval()
        yield
