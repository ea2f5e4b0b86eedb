"""The referee in a game: what stops a run, what makes it unranked, what is recorded."""

import copy
import gc
import os
import signal
import threading
from dataclasses import replace

import pytest
import torch
from helpers.models import model, plain, sgd
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision.transforms import v2

from jupyter_classgame.errors import ClassGameError, OrderError, TrainingError
from jupyter_classgame.events import EpochEnded, Judged, Noticed, Observing, RunStarted
from jupyter_classgame.referee.facts import SUBJECTS
from jupyter_classgame.session.context import SharedState
from jupyter_classgame.session.runs.training_run import RunInterrupted
from jupyter_classgame.session.verdicts import RefusedError
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets.cards.verdict_card import verdict_html
from jupyter_classgame.widgets.chart.curve_points import summary


@pytest.fixture
def flipping(ready, namespace):
    """Random flips in the training loader, not bought yet."""
    transform = v2.RandomHorizontalFlip(p=0.5)
    namespace["train_loader"] = ready.loader("train", batch_size=8, transform=transform)
    return ready


def test_what_is_in_use_and_not_owned_stops_a_run_before_its_first_step(flipping, namespace):
    before = {name: value.clone() for name, value in namespace["model"].state_dict().items()}
    with pytest.raises(
        RefusedError, match=r"Flip trick \(10 B NN\): RandomHorizontalFlip\(p=0.5\)"
    ) as no:
        flipping.train(epochs=1)
    assert "%%shop buy Flip trick" in str(no.value)
    assert no.value.verdict.unowned == ["flip-trick"]
    assert flipping.runs().runs == ()
    after = namespace["model"].state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    flipping.buy("flip")
    assert flipping.train(epochs=1).ranked


def test_practice_trains_anyway_unranked(flipping):
    told = []
    flipping.events.subscribe(told.append)
    history = flipping.train(epochs=1, practice=True)
    assert not history.ranked
    assert "practice: not ranked" in history.notes
    verdict = next(event.verdict for event in told if isinstance(event, Judged))
    assert (verdict.unowned, verdict.practice, verdict.message) == (["flip-trick"], True, "")
    assert not flipping.runs().runs[0].ranked


def test_no_order_is_offered_that_cannot_be_paid(flipping):
    flipping.order("buy Ensemble enchanter, Weight decay, Speed boost, Foggy lens")
    with pytest.raises(RefusedError, match=r"out of reach: 10 of 5 B NN$") as refused:
        flipping.train(epochs=1)
    assert "%%shop" not in str(refused.value)
    assert refused.value.brief == (
        "not trained: in use and not owned: Flip trick; the card above says more"
    )


def test_what_the_pack_forbids_is_named(ready):
    net = model(norm=True)
    with pytest.raises(RefusedError, match="not allowed in this game: batch-norm"):
        ready.train(net, plain(net))


def test_check_gives_the_verdict_without_training(flipping, namespace):
    verdict = flipping.check()
    assert list(verdict.in_use) == ["flip-trick"]
    verdict = flipping.check(
        namespace["model"], sgd(namespace["model"]), criterion=nn.CrossEntropyLoss()
    )
    assert set(verdict.unowned) == {"flip-trick", "speed-boost"}
    assert flipping.histories == []


def test_the_verdict_is_told_before_the_run(flipping):
    told = []
    flipping.events.subscribe(told.append)
    flipping.buy("flip")
    flipping.train(epochs=1)
    kinds = [type(event).__name__ for event in told]
    assert [k for k in kinds if k in ("Judging", "Judged", "RunStarted")] == [
        "Judging",
        "Judged",
        "RunStarted",
    ]
    looked_at = [event.subjects for event in told if isinstance(event, Observing)]
    assert "what happens to training images" in looked_at[0]
    assert {subject for subjects in looked_at for subject in subjects} <= set(SUBJECTS.values())
    assert kinds.index("Judging") < kinds.index("Observing") < kinds.index("Judged")


def test_a_stale_optimizer_is_an_error_of_the_coach(ready, namespace):
    namespace["model"] = model(seed=5)
    with pytest.raises(RefusedError, match="optimizer"):
        ready.train(epochs=1)
    told = []
    ready.events.subscribe(told.append)
    history = ready.train(epochs=1, force=True)
    assert not history.ranked
    verdict = next(event.verdict for event in told if isinstance(event, Judged))
    assert {finding.code for finding in verdict.errors} & {
        "optimizer-stale",
        "optimizer-other-model",
    }


def test_a_change_during_the_run_makes_it_unranked_and_is_told_at_once(ready, namespace):
    told = []

    def cheat(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            namespace["optimizer"].param_groups[0]["momentum"] = 0.9
        told.append(event)

    ready.events.subscribe(cheat)
    history = ready.train(epochs=3)
    notice = next(event for event in told if isinstance(event, Noticed))
    assert notice.message.startswith("no longer ranked: the optimizer's parameter groups changed")
    assert told.index(notice) < [type(event).__name__ for event in told].index("RunEnded")
    assert not history.ranked
    assert any("no longer ranked" in note for note in history.notes)


@pytest.mark.parametrize("background", [False, True])
def test_a_schedule_that_was_let_go_is_in_use_no_longer(ready, namespace, background):
    optimizer = namespace["optimizer"]
    namespace["scheduler"] = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    gc.disable()  # nothing is to wait for it
    try:
        ready.train(epochs=2, practice=True, background=background).wait()
        for thread in threading.enumerate():
            if thread.name.startswith("classgame-run"):
                thread.join()
        namespace["scheduler"] = None
        assert ready.check().in_use == {}
    finally:
        gc.enable()


def test_a_schedule_is_told_from_the_rate_that_it_begins_at(ready, namespace):
    namespace["scheduler"] = torch.optim.lr_scheduler.StepLR(namespace["optimizer"], 1, 0.5)
    assert "learning rate 0.3, 0.15, " in ready.check().in_use["learning-rate-decay"].text


def test_three_changes_of_the_learning_rate_are_free(ready, namespace):
    def edit(event):
        if isinstance(event, EpochEnded):
            namespace["optimizer"].param_groups[0]["lr"] *= 0.9

    ready.events.subscribe(edit)
    assert ready.train(epochs=3).ranked
    assert not ready.train(epochs=5).ranked


def test_a_scheduler_that_moves_nothing_excuses_no_edits(ready, namespace):
    optimizer = namespace["optimizer"]
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    scheduler.step = lambda: None  # else it would undo the edits

    def edit(event):
        if isinstance(event, EpochEnded):
            optimizer.param_groups[0]["lr"] *= 0.9

    ready.events.subscribe(edit)
    history = ready.train(scheduler=scheduler, epochs=5)
    assert not history.ranked
    assert any("4 times by hand" in note for note in history.notes)


def test_a_change_in_an_epoch_that_is_not_finished_is_told(ready, namespace):
    def cheat(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            namespace["optimizer"].param_groups[0]["weight_decay"] = 0.1
            os.kill(os.getpid(), signal.SIGINT)

    ready.events.subscribe(cheat)
    with pytest.raises(RunInterrupted) as caught:
        ready.train(epochs=2)
    assert not caught.value.history.ranked
    assert any("no longer ranked" in note for note in caught.value.history.notes)


def test_weights_changed_by_hand_make_the_next_run_unranked(ready, namespace):
    assert ready.train(epochs=1).ranked
    with torch.no_grad():
        namespace["model"].fc.weight += 0.01
    history = ready.train(epochs=1)
    assert not history.ranked
    assert "changed outside %train" in history.notes[-1]


def test_going_on_from_practice_is_not_ranked(ready):
    ready.train(epochs=1, practice=True)
    history = ready.train(epochs=1)
    assert not history.ranked
    assert "it goes on from run 1 (model)" in history.notes[-1]


def test_a_reset_ends_the_rank_of_what_was_trained_before(ready):
    assert ready.train(epochs=1).ranked
    ready.reset(yes=True)
    history = ready.train(epochs=1)
    assert not history.ranked
    assert "run 1 (model), which was trained before the last reset" in history.notes[-1]
    assert "run 2 (model), which is not ranked" in ready.train(epochs=1).notes[-1]
    with pytest.raises(ClassGameError, match="since the last reset"):
        ready.evaluate(final=True)


def test_what_a_run_used_is_recorded(flipping):
    flipping.order("buy Flip trick, Speed boost")
    flipping.train(epochs=1)
    run = flipping.runs().runs[0]
    assert (run.in_use, run.owned) == ({"flip-trick": 1}, {"flip-trick": 1, "speed-boost": 1})


def test_all_the_images_are_seen_to_be_in_use(ready, namespace):
    ready.buy("Info infusion")
    namespace["train_loader"] = ready.loader("train", batch_size=8, fraction=1.0)
    ready.train(epochs=1)
    assert ready.runs().runs[0].in_use == {"info-infusion": 1}
    with pytest.raises(OrderError, match="Info infusion was used in ranked run 1"):
        ready.return_("Info infusion")


def test_what_a_run_under_way_uses_stays_bought(flipping):
    flipping.buy("flip")
    flipping.buy("speed boost")
    told = []

    def give_back(event):
        if isinstance(event, EpochEnded):
            told.append(flipping.used["flip-trick"])
            flipping.return_("speed boost")
            with pytest.raises(
                OrderError, match=r"Flip trick was used in run 1 \(model\), which is"
            ):
                flipping.return_("flip")

    flipping.events.subscribe(give_back)
    history = flipping.train(epochs=1)
    assert history.ranked
    assert told == ["run 1 (model), which is under way,"]
    assert flipping.owned == {"flip-trick": 1}
    assert flipping.used["flip-trick"] == "ranked run 1 (model)"


def test_an_item_returned_by_another_kernel_during_a_run_makes_it_unranked(flipping):
    flipping.buy("flip")
    elsewhere = Purchases(replace(flipping.context, shared=SharedState()))

    def give_back(event):
        if isinstance(event, EpochEnded):
            elsewhere.return_("flip")

    flipping.events.subscribe(give_back)
    history = flipping.train(epochs=1)
    assert not history.ranked
    assert "was returned meanwhile" in history.notes[-1]


def test_images_of_another_game_are_refused(ready, namespace, tmp_path):
    from helpers.images import make_images

    from jupyter_classgame import start_game

    other = start_game(make_images(tmp_path / "other", seed=3), image_size=16, namespace=namespace)
    with pytest.raises(TrainingError, match="train_loader has images of another game than other"):
        other.train(epochs=1)


def test_validation_images_are_not_trained_on(ready, namespace):
    with pytest.raises(TrainingError, match="train_loader has val images in it"):
        ready.train(data=namespace["val_loader"])
    with pytest.raises(TrainingError, match="train_loader has val images in it"):
        ready.check(train_loader=namespace["val_loader"])


def test_images_that_are_trained_on_are_nothing_to_measure_by(ready, namespace):
    with pytest.raises(RefusedError, match="validation images are trained on"):
        ready.train(val=namespace["train_loader"])
    assert not ready.train(val=namespace["train_loader"], epochs=1, force=True).ranked


def test_a_part_of_the_training_images_may_be_kept_to_measure_by(ready):
    kept, rest = random_split(ready.dataset("train"), [6, len(ready.dataset("train")) - 6])
    history = ready.train(data=DataLoader(rest, 8, shuffle=True), val=DataLoader(kept, 8), epochs=1)
    assert history.ranked
    assert len(history.val_acc) == 1


def test_an_ensemble_by_hand_needs_the_enchanter_for_its_final_score(ready, namespace):
    from jupyter_classgame.evaluation.model_ensemble import Ensemble

    nets = [model(seed=1), model(seed=2)]
    for net in nets:
        ready.train(net, plain(net), epochs=1)
    with pytest.raises(OrderError, match='needs "Ensemble enchanter"'):
        ready.evaluate(Ensemble(nets), final=True)


def test_check_says_all_that_keeps_a_run_from_being_ranked(ready, namespace):
    ready.train(epochs=1)
    assert ready.check().rankable
    with torch.no_grad():
        namespace["model"].fc.weight += 0.01
    verdict = ready.check()
    assert verdict.unranked == ["the weights were changed outside %train"]
    assert not verdict.rankable
    assert "not ranked: the weights were changed outside %train" in verdict.text()
    assert "not ranked: the weights were changed" in verdict_html(verdict)
    ready.train(epochs=1)
    assert "goes on from run 2 (model), which is not ranked" in ready.check().unranked[0]


def test_a_change_in_the_last_unfinished_epoch_is_seen(ready, namespace):
    optimizer, steps = namespace["optimizer"], []
    control = RunControl()

    class Loader(DataLoader):
        def __iter__(self):
            for number, batch in enumerate(super().__iter__()):
                if steps and number == 1:
                    control.stop()
                yield batch
            steps.append(len(self))

    def cheat(event):
        if isinstance(event, EpochEnded):
            optimizer.param_groups[0]["weight_decay"] = 0.1

    data = Loader(ready.dataset("train"), 8, shuffle=True)
    ready.events.subscribe(cheat)
    history = ready.train(data=data, epochs=3, control=control)
    assert (history.stopped_by, len(history), history.epochs_begun) == ("user", 1, 2)
    assert not history.ranked
    assert "the optimizer's parameter groups changed" in history.notes[-1]


def test_three_changes_of_the_learning_rate_are_free_in_a_models_life(ready, namespace):
    for number in range(4):
        assert ready.train(epochs=1).ranked, number
        namespace["optimizer"].param_groups[0]["lr"] *= 0.8
        if number == 1:  # a copy has the same life
            namespace["model"] = copy.deepcopy(namespace["model"])
            namespace["optimizer"] = plain(namespace["model"], lr=0.1)
    told = "the learning rate was changed 4 times by hand in the model's life; 3 changes are free"
    assert ready.check().unranked == [told]
    history = ready.train(epochs=1)
    assert not history.ranked
    assert history.notes[-1] == f"not ranked: {told}"


def test_a_schedule_that_is_owned_is_no_edit_by_hand(ready, namespace):
    ready.buy("learning-rate-decay")
    namespace["scheduler"] = torch.optim.lr_scheduler.StepLR(namespace["optimizer"], 1, 0.9)
    for _ in range(5):
        assert ready.train(epochs=1).ranked
    ready.train(epochs=1, scheduler="none")
    assert ready.runs().runs[-1].ranked
    assert ready.runs().runs[-1].edits == 0


def test_what_is_owned_and_not_in_use_is_said_of_the_run(flipping, namespace):
    flipping.order("buy Flip trick, Neural turbo boost")
    told = []
    flipping.events.subscribe(told.append)
    line = "Neural turbo boost: owned, not in use"
    history = flipping.train(epochs=1)
    assert history.ranked
    assert history.unused == (line,)
    (verdict,) = (event.verdict for event in told if isinstance(event, Judged))
    assert verdict.unused == {"neural-turbo-boost": 1}
    (started,) = (event for event in told if isinstance(event, RunStarted))
    assert started.unused == (line,)
    assert line in summary(history)
    # a cell that takes out what another cell has put in
    namespace["train_loader"] = flipping.loader("train", batch_size=8)
    assert flipping.check().unused_lines() == (
        "Flip trick: owned, not in use; ranked run 1 (model) used it",
        line,
    )


def test_a_mistake_is_told_in_full_only_where_no_card_is_shown(ready, namespace):
    for parameter in namespace["model"].parameters():
        parameter.requires_grad_(False)
    with pytest.raises(RefusedError) as refused:
        ready.train(epochs=1)
    (found, *_) = refused.value.verdict.errors
    assert found.message in str(refused.value)
    assert found.message not in refused.value.brief
    assert refused.value.brief.endswith(
        "the card above says more, --force trains all the same, unranked"
    )
