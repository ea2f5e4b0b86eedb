"""What a user types: one module a magic, each parses, makes one call below and displays."""

from typing import Any


def register(shell: Any) -> None:
    """Make the magics known to a shell, and what completes them."""
    # on %load_ext only
    from jupyter_classgame.magics import classgame, completion, ensemble, evaluate, shop, train  # noqa: PLC0415

    for magics in (
        classgame.ClassGameMagics,
        shop.ShopMagics,
        train.TrainMagics,
        ensemble.EnsembleMagics,
        evaluate.EvaluateMagics,
    ):
        shell.register_magics(magics)
    completion.register(shell)


NAMES = ("classgame", "shop", "train", "ensemble", "evaluate")


def unregister(shell: Any) -> None:
    """Take the magics away again."""
    from jupyter_classgame.magics import completion  # noqa: PLC0415

    completion.unregister(shell)
    for kind in ("line", "cell"):
        for name in NAMES:
            shell.magics_manager.magics[kind].pop(name, None)
