"""The coach: one module a mistake, each with ``CODE`` and ``check(facts)``.

To add one, write a module beside these and add it to ``CHECKS``.
"""

from types import ModuleType

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

from . import (
    all_frozen,
    data_parallel,
    double_softmax,
    endless_data,
    input_range,
    label_out_of_range,
    last_batch_of_one,
    learning_rate,
    not_shuffled,
    optimizer_other_model,
    optimizer_partial,
    optimizer_stale,
    scheduler_other_optimizer,
    shared_images,
    smoothing_on_mixup,
    targets_mismatch,
    test_images,
    to_tensor_twice,
    unbalanced,
    unreadable,
    validation_augmented,
)

CHECKS: tuple[ModuleType, ...] = (
    all_frozen,
    data_parallel,
    double_softmax,
    endless_data,
    input_range,
    label_out_of_range,
    last_batch_of_one,
    learning_rate,
    not_shuffled,
    optimizer_other_model,
    optimizer_partial,
    optimizer_stale,
    scheduler_other_optimizer,
    shared_images,
    smoothing_on_mixup,
    targets_mismatch,
    test_images,
    to_tensor_twice,
    unbalanced,
    unreadable,
    validation_augmented,
)


def findings(facts: Facts) -> list[Finding]:
    """Return all findings, errors first."""
    found = [finding for check in CHECKS if (finding := check.check(facts)) is not None]
    return sorted(found, key=lambda finding: finding.severity != "error")
