"""Yogi and SWATS, made in the user's own cell."""

import pytest
from IPython.core.error import UsageError


@pytest.mark.parametrize("kind", ["Yogi", "SWATS"])
def test_it_is_trained_by_the_magic_and_seen_as_momentum(game, magic, shell, kind):
    shell.run_cell(
        f"from pytorch_optimizer import {kind}\noptimizer = {kind}(model.parameters(), lr=0.01)"
    ).raise_error()
    assert (
        magic("classgame check").in_use["speed-boost"].text.startswith(f"optimizer: {kind}: betas=")
    )
    with pytest.raises(UsageError, match="not owned: Speed boost"):
        magic("train --epochs 2")
    game.buy("Speed boost")
    history = magic("train --epochs 3")
    assert history.ranked, history.notes
    assert history.train_loss[-1] < history.train_loss[0]
    assert shell.user_ns["optimizer"].param_groups[0]["step"] == 3 * len(
        shell.user_ns["train_loader"]
    )
