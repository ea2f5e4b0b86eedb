"""That the looking leaves no trace: without forking, and in things that the corpus has not."""

import copy
import warnings

import numpy as np
import pytest
import torch
from helpers.traces import Trace, same
from torch import nn
from torchvision.transforms import v2

from jupyter_classgame.referee import observe, techniques_in_use
from jupyter_classgame.referee.isolation import fork

IN_PROCESS = [
    "clean_baseline", "clean_cached_dataset", "clean_eval_mode", "dropout_recipe", "residual_block",
    "momentum_adam", "schedule_one_cycle", "mixup_v2_collate", "flip_numpy_slice", "ema_hook",
    "clean_game_loader", "weight_decay_closure_l1", "rotation_numpy_rot90", "schedule_model_hook",
    "clean_workers", "clean_image_folder", "schedule_plateau", "clean_seeded_generator",
    "conv_third",
]  # fmt: skip


@pytest.mark.parametrize("name", IN_PROCESS)
def test_nothing_is_left_behind_and_the_same_is_found_without_forking(corpus, monkeypatch, name):
    monkeypatch.setattr(fork, "can_fork", lambda: False)
    case = corpus.load(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases are other people's code
        parts = case.build()
        before = Trace.of(parts)
        facts = observe(**parts)
        after = Trace.of(parts)
    assert same(before.random, after.random)
    assert before.training == after.training
    assert same(before.parts, after.parts)
    found = techniques_in_use(facts).keys()
    assert case.expected.keys() <= found
    assert found <= case.expected.keys() | case.also | {"convolution"}
    if name == "schedule_model_hook":  # it turns the rate during the first steps
        assert facts.steps.lr_changed


def test_what_a_hook_holds_is_left_alone_without_forking(base, monkeypatch):
    monkeypatch.setattr(fork, "can_fork", lambda: False)
    parts = base.kit()
    average = torch.optim.swa_utils.AveragedModel(parts["model"])
    parts["optimizer"].register_step_post_hook(lambda *_: average.update_parameters(parts["model"]))
    before = copy.deepcopy(average.state_dict())
    observe(**parts)
    assert same(before, average.state_dict())


@pytest.mark.parametrize("forking", [True, False])
def test_the_first_steps_leave_a_warm_optimizer_alone(base, monkeypatch, forking):
    monkeypatch.setattr(fork, "can_fork", lambda: forking)
    parts = base.kit(optimizer=torch.optim.Adam)
    parts["model"](torch.rand(2, 3, 32, 32)).sum().backward()
    parts["optimizer"].step()
    before = copy.deepcopy(parts["optimizer"].state_dict())
    facts = observe(**parts)
    assert len(facts.steps.losses) >= 4
    assert same(before, parts["optimizer"].state_dict())
    assert facts.unobserved == {}


def test_averages_and_counters_of_hooks_are_left_alone_without_forking(base, monkeypatch):
    monkeypatch.setattr(fork, "can_fork", lambda: False)
    parts = base.kit()
    shadow = {name: p.detach().clone() for name, p in parts["model"].named_parameters()}
    counts = [0]
    steps = 0

    def follow(*_):
        nonlocal steps
        steps += 1
        counts[0] += 1
        for name, p in parts["model"].named_parameters():
            shadow[name].mul_(0.9).add_(p.detach(), alpha=0.1)

    parts["optimizer"].register_step_post_hook(follow)
    before = {name: (t, t._version, t.clone()) for name, t in shadow.items()}
    observe(**parts)
    assert (steps, counts) == (0, [0])
    for name, (tensor, version, values) in before.items():
        assert shadow[name] is tensor
        assert tensor._version == version
        assert torch.equal(tensor, values)


@pytest.mark.parametrize("forking", [True, False])
def test_a_pending_backward_still_works(base, monkeypatch, forking):
    monkeypatch.setattr(fork, "can_fork", lambda: forking)
    parts = base.kit()
    images, labels = next(iter(parts["train_loader"]))
    loss = nn.functional.cross_entropy(parts["model"](images), labels)
    observe(**parts)
    loss.backward()
    assert all(p.grad is not None for p in parts["model"].parameters())


def test_the_next_steps_are_those_of_a_run_that_was_not_observed(base):
    def losses(observing):
        torch.manual_seed(3)
        parts = base.kit(model=nn.Sequential(base.Net(), nn.Dropout(0.1)))
        if observing:
            observe(**parts)
        found = []
        for images, labels in parts["train_loader"]:
            parts["optimizer"].zero_grad()
            loss = parts["criterion"](parts["model"](images), labels)
            loss.backward()
            parts["optimizer"].step()
            found.append(loss.item())
        return found

    assert losses(observing=False) == losses(observing=True)


def test_a_running_iterator_goes_on(base):
    loader = base.train()
    torch.manual_seed(1)
    expected = [labels for _, labels in loader]
    torch.manual_seed(1)
    iterator = iter(loader)
    got = [next(iterator)[1]]
    observe(**base.kit(train_loader=loader))
    got += [labels for _, labels in iterator]
    assert all(torch.equal(a, b) for a, b in zip(expected, got, strict=True))


def test_files_keep_their_position(tmp_path, base):
    path = tmp_path / "pixels.bin"
    images, labels = base.pictures(64)
    path.write_bytes(images.numpy().tobytes())

    class FromFile(base.Pictures):
        def __getitem__(self, i):
            stream.seek(i * 3072)
            raw = np.frombuffer(stream.read(3072), np.uint8).reshape(3, 32, 32)
            return torch.from_numpy(raw.copy()).float() / 255, int(self.labels[i])

    with path.open("rb", buffering=0) as stream:
        stream.seek(77)
        observe(**base.kit(train_loader=base.train(dataset=FromFile(images, labels))))
        assert stream.tell() == 77


def test_a_cache_of_files_holds_no_probe_images(tmp_path, base):
    class OnDisk(base.Pictures):
        def __getitem__(self, i):
            place = tmp_path / "cache" / f"{i}.pt"
            place.parent.mkdir(exist_ok=True)
            if not place.exists():
                half = place.with_suffix(".half")
                torch.save(super().__getitem__(i), half)
                half.replace(place)
            with (tmp_path / "log.txt").open("a") as log:
                log.write(f"{i}\n")
            return torch.load(place)

    (tmp_path / "log.txt").write_text("begun\n")
    loader = base.train(dataset=OnDisk(*base.pictures(), v2.RandomHorizontalFlip()))
    facts = observe(**base.kit(train_loader=loader))
    assert not facts.unobserved
    assert set(facts.train.effects) == {"flip"}
    assert [path.name for path in tmp_path.iterdir()] == ["log.txt"]
    assert (tmp_path / "log.txt").read_text() == "begun\n"


def test_copies_are_not_kept(base):
    parts = base.kit()
    before = copy.deepcopy(parts["model"].state_dict())
    observe(**parts)
    assert all(
        torch.equal(a, b)
        for a, b in zip(before.values(), parts["model"].state_dict().values(), strict=True)
    )
