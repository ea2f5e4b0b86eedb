"""``%lr_find``: what it finds in the notebook, what it shows, and what it refuses."""

import pytest
from IPython.core.error import UsageError

from jupyter_classgame.training.state.weights_fingerprint import fingerprint


def test_a_range_test_suggests_a_rate_and_changes_nothing(game, magic, shell, capsys):
    names = shell.user_ns
    before, rate = fingerprint(names["model"]), names["optimizer"].param_groups[0]["lr"]
    found = magic("lr_find --from 1e-4 --to 10 --steps 40 --seeds 2 --seed 3")
    assert [sweep.seed for sweep in found.sweeps] == [3, 4]
    assert found.steps == 40
    assert (found.model, found.optimizer) == ("model", "optimizer")
    assert fingerprint(names["model"]) == before
    assert names["optimizer"].param_groups[0]["lr"] == rate
    assert game.histories == []
    assert game.runs().runs == ()
    assert found.suggestion is not None
    assert found.take() == f"optimizer has the learning rate {found.suggestion:g} now"
    assert names["optimizer"].param_groups[0]["lr"] == found.suggestion
    said = capsys.readouterr().out
    assert said.startswith("range test of model: ")
    assert found.line in said
    names["optimizer"].param_groups[0]["lr"] = rate
    shell.run_cell(found.line)
    assert names["optimizer"].param_groups[0]["lr"] == found.suggestion
    del names["optimizer"]
    assert "charts are shown in a notebook" in repr(found.chart())


def test_its_twin_takes_other_objects_and_tells_of_each_step(game, shell):
    names, seen = shell.user_ns, []
    assert game.seed == 0
    names["net"] = names.pop("model")
    found = game.lr_find(
        names["net"], first=1e-3, last=1.0, steps=10, watch=lambda *step: seen.append(step)
    )
    assert found.model == "net"
    assert found.sweeps[0].seed == 0  # the game's
    assert [step for _, step, _ in seen] == list(range(1, len(seen) + 1))
    assert [loss for _, _, loss in seen] == list(found.sweeps[0].losses)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("lr_find --from 1 --to 0.1", "--from 1 --to 0.1: --to must be the larger one"),
        ("lr_find --steps 3", "--steps 3: a whole number from 8 to 10000"),
        ("lr_find --steps many", "--steps many: name 'many' is not defined"),
        ("lr_find nosuch", "MODEL nosuch"),
        ("lr_find --devices nosuch", "--devices nosuch: there is no such device"),
        ("lr_find --epochs 3", "--epochs"),
        ("lr_find --data val_loader", "train_loader has val images in it"),
    ],
)
def test_mistakes_are_told_in_one_line(game, magic, line, message):
    with pytest.raises(UsageError, match=message):
        magic(line)
