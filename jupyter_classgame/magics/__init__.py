"""The magics: each module parses one magic's line, makes one call and displays the result."""

from typing import Any


def register(shell: Any) -> None:
    """Register the magics and their completion with a shell."""
    # on %load_ext only
    from jupyter_classgame.magics import (  # noqa: PLC0415
        classgame,
        completion,
        ensemble,
        evaluate,
        lr_find,
        shop,
        train,
    )

    for magics in (
        classgame.ClassGameMagics,
        shop.ShopMagics,
        train.TrainMagics,
        lr_find.RangeTestMagics,
        ensemble.EnsembleMagics,
        evaluate.EvaluateMagics,
    ):
        shell.register_magics(magics)
    completion.register(shell)


NAMES = ("classgame", "shop", "train", "lr_find", "ensemble", "evaluate")


def unregister(shell: Any) -> None:
    """Undo :func:`register`."""
    from jupyter_classgame.magics import completion  # noqa: PLC0415

    completion.unregister(shell)
    for kind in ("line", "cell"):
        for name in NAMES:
            shell.magics_manager.magics[kind].pop(name, None)
