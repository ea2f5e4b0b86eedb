import copy

import pytest
import torch
from helpers.models import model, plain
from torchvision.transforms import v2

from jupyter_classgame import start_game
from jupyter_classgame.errors import ClassGameError, DataError, EvaluationError, OrderError
from jupyter_classgame.training.state.weights_fingerprint import fingerprint


@pytest.fixture
def trained(ready, namespace):
    ready.train(epochs=2)
    return ready


def two_models(game):
    models = []
    for seed in (1, 2):
        net = model(seed=seed)
        game.train(net, plain(net), epochs=2)
        models.append(net)
    return models


def test_evaluate_scores_the_validation_images(ready, namespace):
    report = ready.evaluate()
    assert report.n == len(ready.dataset("val"))
    assert report.classes == ("ant", "bee", "cat")
    assert report.confusion.sum(1).tolist() == [
        report.n // 3 + (i < report.n % 3) for i in range(3)
    ]
    assert report.accuracy == pytest.approx(report.confusion.trace() / report.n)


def test_evaluate_takes_any_loader(ready, namespace):
    report = ready.evaluate(namespace["model"], data=ready.loader("train", shuffle=False))
    assert report.n == len(ready.dataset("train"))
    assert report.data == "the given images"


def test_an_ensemble_must_be_bought(ready, namespace):
    with pytest.raises(OrderError, match=r'needs "Ensemble enchanter" \(60 B NN\)'):
        ready.ensemble(model(seed=1), model(seed=2))


def test_an_ensemble_votes_and_is_scored(ready, namespace):
    ready.buy("ensembling")
    models = two_models(ready)
    namespace["first"], namespace["second"] = models
    result = ready.ensemble(models, vote="weighted")
    assert result.names == ["first", "second"]
    assert result.notes == ()
    report = ready.evaluate(result)
    assert report.accuracy == pytest.approx(result.accuracy)


def test_a_stranger_in_an_ensemble_is_named(ready):
    ready.buy("ensembling")
    result = ready.ensemble(*two_models(ready), model(seed=3))
    assert "model 3: not the weights of a ranked run" in result.notes[0]
    with pytest.raises(EvaluationError, match="those of model 3 do not"):
        ready.evaluate(result, final=True)


def test_practice_needs_no_enchanter(image_folder, namespace):
    game = start_game(image_folder, image_size=16, practice=True, namespace=namespace)
    result = game.ensemble(model(seed=1), model(seed=2))
    assert 0 <= result.accuracy <= 1
    with pytest.raises(EvaluationError, match="practice"):
        game.evaluate(result, final=True)


def test_final_scores_hidden_images_once(trained, namespace):
    score = trained.evaluate(final=True)
    assert (score.used, score.cap, score.repeated, score.n) == (1, 3, False, 12)
    again = trained.evaluate(final=True)
    assert (again.accuracy, again.used, again.repeated) == (score.accuracy, 1, True)
    assert repr(score).endswith("(attempt 1 of 3)")
    assert "the same weights again, recorded before: no attempt was spent" in repr(again)


def test_final_refuses_weights_of_no_ranked_run(trained, namespace):
    with torch.no_grad():
        namespace["model"].fc.bias += 1
    with pytest.raises(
        EvaluationError, match="weights that end a ranked run since the last reset; those of model"
    ):
        trained.evaluate(final=True)
    with pytest.raises(EvaluationError, match="those of model do not"):
        trained.evaluate(model(seed=9), final=True)
    assert trained.ledger.finals(trained.record) == []


def test_final_refuses_a_practice_run(ready, namespace):
    ready.train(epochs=1, practice=True)
    with pytest.raises(EvaluationError, match="ranked run"):
        ready.evaluate(final=True)


def test_past_the_cap_past_scores_are_shown_and_nothing_is_raised(ready, image_folder, namespace):
    scores = []
    for _ in range(3):
        ready.train(epochs=1)
        scores.append(ready.evaluate(final=True).accuracy)
    last = copy.deepcopy(namespace["model"])
    ready.train(epochs=1)
    for game in (ready, start_game(image_folder, team="red", image_size=16, namespace=namespace)):
        refused = game.evaluate(final=True)
        assert not refused.scored
        assert f"{refused.accuracy:.3f}" == "nan"  # code that formats it goes on
        assert [record.accuracy for record in refused.past] == scores
        assert "all 3 final attempts are used" in repr(refused)
        game.reset(yes=True)  # the cap survives it
    assert ready.evaluate(last, final=True).accuracy == scores[-1]


def test_final_records_what_was_owned(ready, namespace):
    ready.order("flip, ensembling")
    ready.evaluate(ready.ensemble(two_models(ready)), final=True)
    record = ready.ledger.finals(ready.record)[0]
    assert record.owned == {"ensemble-enchanter": 1, "flip-trick": 1}


def test_an_ensemble_is_the_same_in_any_order(ready):
    ready.buy("ensembling")
    one, two = two_models(ready)
    score = ready.evaluate(ready.ensemble(one, two), final=True)
    again = ready.evaluate(ready.ensemble(two, one), final=True)
    assert again.repeated
    assert again.accuracy == score.accuracy


def test_hidden_images_are_prepared_like_those_for_validation(trained, namespace):
    plain = trained.evaluate(final=True).accuracy
    seen = []

    def prepare(image):
        seen.append(image)
        return v2.functional.normalize(image, [0.5] * 3, [0.5] * 3)

    namespace["val_loader"] = trained.loader("val", transform=prepare)
    trained.train(epochs=1)
    seen.clear()
    trained.evaluate(final=True)
    val, test = len(trained.images.val), len(trained.images.test)
    assert len(seen) == val + (val + test)  # before the hidden ones, and among them
    assert 0 <= plain <= 1


def test_final_takes_no_other_images(trained, namespace):
    with pytest.raises(DataError, match="leave --data out"):
        trained.evaluate(final=True, data=namespace["val_loader"])


def test_scoring_leaves_models_as_they_were(ready, namespace):
    net = namespace["model"]
    before = fingerprint(net)
    for mode in (True, False):
        net.train(mode)
        ready.evaluate()
        assert net.training is mode
    assert fingerprint(net) == before


@pytest.mark.parametrize("thing", [3, "model", [1]])
def test_what_is_no_model_is_refused(ready, thing):
    with pytest.raises(ClassGameError, match=r"torch.nn.Module is needed"):
        ready.evaluate(thing)


def test_a_compiled_model_and_the_one_inside_are_one(ready, namespace):
    net = namespace["model"]
    compiled = torch.compile(net, backend="eager")
    assert ready.train(compiled, epochs=1).ranked
    score = ready.evaluate(net, final=True)
    assert ready.evaluate(compiled, final=True).repeated
    assert score.used == 1
    assert ready.train(net, epochs=1).ranked
    assert ready.runs().runs[-1].life_epochs == 2
    ready.buy("ensembling")
    with pytest.raises(EvaluationError, match="the same model"):
        ready.ensemble(net, compiled)


def test_what_no_member_used_may_be_returned_after_a_final_score(ready):
    ready.order("flip, ensembling")
    ready.evaluate(ready.ensemble(two_models(ready)), final=True)
    assert ready.return_("flip").changed
    with pytest.raises(OrderError, match="Ensemble enchanter was used in a final score"):
        ready.return_("ensembling")
