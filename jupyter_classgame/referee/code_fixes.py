"""Lines of code that correct a mistake, with the names of the user's variables."""

from collections.abc import Mapping
from typing import Any

from jupyter_classgame.referee.facts import Facts


def variable_names(parts: Mapping[str, Any], names: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the user's variable for each object of a run; empty for one that has none.

    Parameters
    ----------
    parts
        The objects by their part in the run, such as ``"model"``, which is also the usual name.
    names
        The user's variables; None where they are unknown, which leaves the usual names.
    """
    if names is None:
        return {part: part for part in parts}
    return {part: _name(thing, part, names) for part, thing in parts.items()}


def _name(thing: Any, usual: str, names: Mapping[str, Any]) -> str:
    if names.get(usual) is thing:
        return usual
    found = (name for name, value in names.items() if value is thing and name[:1] != "_")
    return next(found, "")


def model_name(facts: Facts) -> str:
    """Return how a message names the model."""
    name = facts.names.get("model", "model")
    if name == "model":
        return "the model"
    return f"`{name}`" if name else f"this {facts.model_class or 'model'}"


def optimizer_line(facts: Facts) -> str:
    """Return the line that makes an optimizer of the model's parameters."""
    optimizer = facts.optimizer
    if optimizer is None:
        return "build an optimizer of the model's parameters"
    if facts.voting:
        return (
            "train the members of an ensemble one by one, each with an optimizer of its own: "
            "%train MEMBER OPTIMIZER"
        )
    name = facts.names.get("model", "model")
    target = facts.names.get("optimizer") or "optimizer"
    line = f"{target} = {optimizer.maker}({name or 'model'}.parameters(), lr={optimizer.lr:g})"
    return line if name else f"give it a name first: model = {facts.model_class}(), then {line}"


def rebuild(facts: Facts) -> str:
    """Return what to do where the model was made again and the optimizer was not."""
    line = optimizer_line(facts)
    named = facts.names.get("model", "model") and not facts.voting
    return f"run the optimizer's cell again: {line}" if named else line


def try_batch(facts: Facts, part: str) -> str:
    """Return the cell that reads one batch of a loader."""
    return f"next(iter({facts.names.get(part) or part}))"


def try_pass(facts: Facts) -> str:
    """Return the cell that runs the model on one batch."""
    model = facts.names.get("model", "model") or f"{facts.model_class}()"
    return f"{model}({try_batch(facts, 'train_loader')}[0])"


def try_step(facts: Facts) -> str:
    """Return the cell that takes one step of the optimizer."""
    model = facts.names.get("model", "model") or f"{facts.model_class}()"
    criterion = facts.names.get("criterion") or "torch.nn.functional.cross_entropy"
    optimizer = facts.names.get("optimizer") or "optimizer"
    return (
        f"images, labels = {try_batch(facts, 'train_loader')}; "
        f"{criterion}({model}(images), labels).backward(); {optimizer}.step()"
    )
