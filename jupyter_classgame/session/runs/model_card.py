"""The card that goes with a saved model: what it is, what was in use, how to load it."""

from importlib.metadata import version
from typing import TYPE_CHECKING

from jupyter_classgame.referee import Verdict
from jupyter_classgame.training.history import History
from jupyter_classgame.training.run.hand_edits import learning_rate
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.state.weights_fingerprint import unwrapped
from jupyter_classgame.training.wording import audited_text, loss_text, score_text

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context

LIBRARIES = ("jupyter-classgame", "torch", "torchvision", "safetensors")


def model_card(
    game: "Context",
    request: RunRequest,
    verdict: Verdict,
    history: History,
    *,
    owned: dict[str, int],
    name: str,
) -> str:
    """Write a model's card in Markdown.

    Parameters
    ----------
    verdict
        What the referee saw before the run.
    owned
        What the team owned then: slug to count.
    name
        The name that the model is saved under.
    """
    height, width = game.image_size
    called = type(unwrapped(request.model)).__name__
    ranked = "ranked" if history.ranked else "not ranked"
    facts = {
        "pack": f"{game.pack.title} ({game.pack.name})",
        "team": game.team,
        "run": f"{history.label}, {ranked}, ended by {history.stopped_by}",
        "model": f"{called}, {sum(p.numel() for p in request.model.parameters()):,} parameters",
        "input": f"float32 (N, 3, {height}, {width}), prepared as val_loader did",
        "output": f"one score for each of {len(game.classes)} classes",
        "classes": ", ".join(game.classes),
        "seed": str(request.seed),
        "weights of": _epoch(request, history),
        "audits": audited_text(history.audits, history.failed_audits, history.unaudited),
    }
    evidence = [f"- {slug}: {found.text}" for slug, found in verdict.in_use.items()]
    had = [f"- {slug} x {count}" if count > 1 else f"- {slug}" for slug, count in owned.items()]
    return "\n".join(
        [
            f"# {_plain(name)}",
            "",
            *(f"- **{key}**: {_plain(value)}" for key, value in facts.items()),
            "",
            "How the images were normalised is not known here: prepare others as val_loader did.",
            "",
            "## In use",
            "",
            *(map(_plain, evidence) if evidence else ["Nothing that the referee looks for."]),
            "",
            "## Owned",
            "",
            *(had or ["Nothing."]),
            "",
            "## Epochs",
            "",
            *_table(history),
            "",
            *(f"- {_plain(note)}" for note in history.notes),
            "",
            "## Loading",
            "",
            "```python",
            "from safetensors.torch import load_model",
            "",
            f"model = {called}(...)  # built as in the notebook",
            f'load_model(model, "{name}.safetensors")',
            "```",
            "",
            "Written with " + ", ".join(f"{each} {version(each)}" for each in LIBRARIES) + ".",
            "",
        ]
    )


def _epoch(request: RunRequest, history: History) -> str:
    score = "" if history.kept_acc is None else f", val_acc {score_text(history.kept_acc)}"
    if request.keep == "best" and history.best_epoch:
        return f"epoch {history.best_epoch}, the best by {history.monitor}{score}"
    if request.keep == "last":
        return f"epoch {history.epochs_begun}, the last{score}"
    return f"{request.keep}, after epoch {history.epochs_begun}{score}"


def _table(history: History) -> list[str]:
    frame = history.frame()
    names = ["epoch", *map(str, frame.columns)]
    rows = [
        [str(epoch), *(_number(name, value) for name, value in zip(names[1:], row, strict=True))]
        for epoch, row in zip(frame.index, frame.to_numpy(), strict=True)
    ]
    lines = [names, ["--:"] * len(names), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _number(name: str, value: float) -> str:
    """Write a number of a history as it is written elsewhere."""
    if name.endswith("acc"):
        return score_text(value)
    return loss_text(value) if name.endswith("loss") else f"{value:.4g}"


def _plain(text: str) -> str:
    """Put text into one line that Markdown leaves as it is."""
    line = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_<>[]#|" else c for c in line)


def project_of(game: "Context") -> str:
    """Give what a tracker files a game's runs under."""
    return f"{game.pack.name}-{game.team}".replace("/", "-").replace(" ", "-")


def settings_of(game: "Context", request: RunRequest, verdict: Verdict) -> dict[str, str | float]:
    """Give what a tracker keeps of a run beside its numbers."""
    return {
        "pack": game.pack.name,
        "team": game.team,
        "model": type(unwrapped(request.model)).__name__,
        "optimizer": type(request.optimizer).__name__,
        "lr": learning_rate(request.optimizer),
        "in_use": ", ".join(verdict.in_use) or "nothing",
    }
