import json
import random
import resource
import struct
from collections import Counter, deque

import numpy as np
import pytest
import torch
from helpers.models import loader, model, sgd, tensors
from helpers.wrappers import WRAPPERS
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded, RunStarted
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.callbacks.early_stopping import EarlyStopping
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import FRESH_START
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.capture import capture
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError
from jupyter_classgame.training.state.restore import Restoration
from jupyter_classgame.training.state.state_codec import Encoder, decode
from jupyter_classgame.training.state.weights_fingerprint import fingerprint, fingerprint_of


def quiet(event):
    """Listen to nothing."""


def there_and_back(state):
    encoder = Encoder()
    written = json.loads(json.dumps(encoder.encode(state, "state")))
    return decode(written, encoder.tensors), encoder.unkept


@pytest.mark.parametrize(
    "state",
    [
        {"a": 1, "b": 0.1, "c": None, "d": True, "e": "text", "f": [1, [2.5]], "g": {}},
        {"inf": float("inf"), "small": 5e-324, "large": 2**200},
        {"betas": (0.9, 0.999), "nested": [(1, (2, 3))]},
        Counter({30: 1, 60: 2}),
        {1: "a", 2: {(3, 4): "b"}},
        {"~tuple": [1]},
        {"set": {1, 2}, "deque": deque([1, 2], maxlen=5)},
        {"dtype": torch.bfloat16, "device": torch.device("cpu"), "z": 1 + 2j, "raw": b"\x00\xff"},
        {"numpy": np.float32(0.1), "count": np.int64(3)},
        random.Random(3).getstate(),  # noqa: S311
    ],
)
def test_a_state_comes_back_as_it_was(state):
    again, unkept = there_and_back(state)
    assert again == state
    assert type(again) is type(state)
    assert unkept == []


def test_nan_and_arrays_come_back():
    state = {"nan": float("nan"), "key": np.arange(4, dtype=np.uint32)}
    again, _ = there_and_back(state)
    assert again["nan"] != again["nan"]
    assert again["key"].dtype == np.uint32
    assert again["key"].tolist() == [0, 1, 2, 3]


def test_what_cannot_be_kept_is_named_and_left_out():
    endless = {}
    endless["self"] = endless
    again, unkept = there_and_back({"f": quiet, "list": [quiet], "n": 1, "in": {"o": object()}})
    assert again == {"n": 1, "in": {}}
    assert unkept == ["state.f", "state.list", "state.in.o"]
    assert there_and_back(endless)[1][0].startswith("state.self")


def kinds():
    base = torch.arange(24.0)
    return {
        "plain": torch.randn(3, 4),
        "channels last": torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last),
        "transposed": torch.randn(3, 5).T,
        "expanded": torch.ones(1, 4).expand(3, 4),
        "part of a larger one": base[4:9],
        "shares with it": base[6:],
        "bf16": torch.randn(5).bfloat16(),
        "fp16": torch.randn(5).half(),
        "fp64": torch.randn(5).double(),
        "complex": torch.randn(2, 2, dtype=torch.complex128),
        "conjugate": torch.randn(2, dtype=torch.complex64).conj(),
        "uint16": torch.arange(3).to(torch.uint16),
        "fp8": torch.randn(4).to(torch.float8_e4m3fn),
        "bool": torch.tensor([True, False]),
        "step": torch.tensor(7.0),
        "count": torch.tensor(3),
        "empty": torch.empty(0, 3),
        "a.b/c d\n\"é中'": torch.ones(1),
        "__metadata__": torch.zeros(2),
    }


@pytest.mark.parametrize("name", kinds())
def test_every_kind_of_tensor_comes_back(tmp_path, name):
    torch.manual_seed(0)
    tensor = kinds()[name]
    prefixed = {f"model.{key}": value for key, value in {**kinds(), name: tensor}.items()}
    Checkpoint(prefixed, {"n": 1}).write(tmp_path / "a.safetensors")
    again = Checkpoint.read(tmp_path / "a.safetensors")
    assert again.facts == Checkpoint.read_facts(tmp_path / "a.safetensors") == {"n": 1}
    back = again.tensors[f"model.{name}"]
    assert (back.dtype, back.shape) == (tensor.dtype, tensor.shape)
    raw = [t.resolve_conj().contiguous().reshape(-1).view(torch.uint8) for t in (tensor, back)]
    assert torch.equal(*raw)


def test_nothing_in_the_file_is_code(tmp_path):
    """The file is a length, JSON, and the tensors' bytes to its very end."""
    path = tmp_path / "a.safetensors"
    Checkpoint({"w": torch.ones(3)}, {"state": [1, "a"]}).write(path)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    head = json.loads(content[8 : 8 + length])
    assert json.loads(head["__metadata__"]["classgame"])["facts"] == {"state": [1, "a"]}
    end = max(entry["data_offsets"][1] for name, entry in head.items() if name != "__metadata__")
    assert len(content) == 8 + length + end


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "a.safetensors"
    Checkpoint({"w": torch.ones(3)}, {"n": 1}).write(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(CheckpointError, match=r"a\.safetensors cannot be written"):
            Checkpoint({"w": torch.ones(100_000)}, {"n": 2}).write(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert Checkpoint.read(path).facts == {"n": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize("damage", ["short", "empty", "text", "foreign", "version", "absent"])
def test_a_file_that_cannot_be_read_says_so(tmp_path, damage):
    path = tmp_path / "a.safetensors"
    Checkpoint({"w": torch.ones(300)}, {"n": 1}).write(path)
    content = path.read_bytes()
    match damage:
        case "short":
            path.write_bytes(content[:-50])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("hello" * 100)
        case "foreign":
            from safetensors.torch import save_file

            save_file({"w": torch.ones(1)}, path)
        case "version":
            path.write_bytes(content.replace(b'\\"version\\": 1', b'\\"version\\": 9'))
        case "absent":
            path.unlink()
    with pytest.raises(CheckpointError, match=r"a\.safetensors"):
        Checkpoint.read(path)


# -- resuming: the same numbers to the last bit ---------------------------------------------


class Bench:
    """Everything a run needs, built as a notebook's cells build it, twice alike."""

    def __init__(self, optimizer="sgd", scheduler=None, then=None, **net):
        torch.manual_seed(0)
        self.net = model(norm=True, dropout=0.5, **net)
        self.optimizer = OPTIMIZERS[optimizer](self.net)
        self.scheduler = scheduler and SCHEDULERS[scheduler](self.optimizer)
        self.then = then and OPTIMIZERS[then](self.net)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        own = torch.Generator().manual_seed(5)
        noise = torch.Generator().manual_seed(6)
        python = random.Random(7)  # noqa: S311
        numpy = np.random.default_rng(8)

        def collate(samples):
            images, labels = (torch.stack(part) for part in zip(*samples, strict=True))
            images = images + 0.05 * torch.randn(images.shape, generator=noise)
            images = images * (1 + 0.1 * python.random()) + 0.1 * float(numpy.normal())
            return images + 0.01 * torch.randn(images.shape), labels

        data = TensorDataset(*tensors())
        self.train_loader = DataLoader(data, 16, shuffle=True, generator=own, collate_fn=collate)
        self.val_loader = loader(48, shuffle=False, seed=1)

    def request(self, **options):
        return RunRequest(
            self.net, self.optimizer, self.train_loader, self.criterion, self.val_loader,
            self.scheduler, devices="cpu", then=self.then,
            **{"epochs": 6, "seed": 3, "first_epoch": 2, **options},
        )  # fmt: skip

    def state(self):
        parts = [self.optimizer, *([self.then] if self.then else [])]
        states = [part.state_dict() for part in parts]
        if self.scheduler is not None:
            states.append(self.scheduler.state_dict())
        return fingerprint(self.net), str(states)


OPTIMIZERS = {
    "sgd": lambda net: sgd(net, lr=0.1, weight_decay=1e-3, nesterov=True),
    "adam": lambda net: torch.optim.Adam(net.parameters(), lr=0.01, amsgrad=True),
    "adamw foreach": lambda net: torch.optim.AdamW(net.parameters(), lr=0.01, foreach=True),
    "groups": lambda net: torch.optim.RMSprop(
        [
            {"params": net.conv.parameters(), "lr": 0.003},
            {"params": [*net.norm.parameters(), *net.fc.parameters()]},
        ],
        lr=0.01, momentum=0.5, centered=True,
    ),
    "tensor lr": lambda net: torch.optim.Adam(
        net.parameters(), lr=torch.tensor(0.01), capturable=False, foreach=False
    ),
    **WRAPPERS,
}  # fmt: skip

SCHEDULERS = {
    "step": lambda o: lr_scheduler.StepLR(o, 2, 0.5),
    "multistep": lambda o: lr_scheduler.MultiStepLR(o, [1, 4], 0.3),
    "lambda": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.9**epoch),
    "cosine": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, 0.2, epochs=6, steps_per_epoch=6),
    "cyclic": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=4),
    "plateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=10.0),
    "sequence": lambda o: lr_scheduler.SequentialLR(
        o,
        [lr_scheduler.LinearLR(o, 0.1, total_iters=2), lr_scheduler.CosineAnnealingLR(o, 4)],
        [2],
    ),
    "chained": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o, 0.5, 2), lr_scheduler.ExponentialLR(o, 0.9)]
    ),
}


class Kill(BaseException):
    """What stands for the death of the kernel."""


def kept_until(bench, path, epoch, batches=2, start=FRESH_START, callbacks=(), **options):
    """Train, keep what the run was after an epoch, and die in the middle of the next."""

    class Reaper(Callback):
        def on_step_end(self, run):
            if run.epoch == epoch + 1 and run.batch == batches:
                raise Kill

    def keep(event):
        if isinstance(event, EpochEnded):
            capture(run, {}).write(path / f"{event.epoch}.safetensors")

    request = bench.request(callbacks=(*callbacks, Reaper()), **options)
    run = launch_run(request, RunControl(), start)
    with pytest.raises(Kill):
        run.execute(keep)
    return run


def resumed(bench, path, epoch, best=None, events=quiet, **options):
    last = Checkpoint.read(path / f"{epoch}.safetensors")
    kept = best and Checkpoint.read(path / f"{best}.safetensors")
    restoration = Restoration(last, kept)
    request = bench.request(**options)
    restoration.check(request)
    with restoration.tried_on(request):
        run = launch_run(request, RunControl(), restoration.applied_to(FRESH_START))
    return run.execute(events)


def numbers(history):
    return (
        history.train_loss, history.train_acc, history.val_loss, history.val_acc, history.lr,
        history.best_epoch, history.stopped_by,
    )  # fmt: skip


CASES = [
    *(("sgd", scheduler) for scheduler in [None, *SCHEDULERS] if scheduler != "cyclic"),
    ("sgd", "cyclic"),
    ("adam", "one cycle"),
    *((o, "step") for o in OPTIMIZERS if o not in {"sgd", *WRAPPERS}),
    *((optimizer, None) for optimizer in WRAPPERS),
]


@pytest.mark.parametrize(("optimizer", "scheduler"), CASES)
def test_a_resumed_run_is_the_uninterrupted_one(tmp_path, optimizer, scheduler):
    whole, dead, fresh = (Bench(optimizer, scheduler) for _ in range(3))
    history = launch_run(whole.request(), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 3)
    fresh.train_loader.generator.manual_seed(99)  # whatever the new kernel did to it
    random.seed(1)
    again = resumed(fresh, tmp_path, 3)
    assert numbers(again) == numbers(history)
    assert fresh.state() == whole.state()


@pytest.mark.parametrize("layout", [True, False])
def test_resuming_is_exact_in_either_memory_layout(tmp_path, layout):
    whole, dead, fresh = (Bench("adam") for _ in range(3))
    options = {"channels_last": layout}
    history = launch_run(whole.request(**options), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 2, **options)
    assert numbers(resumed(fresh, tmp_path, 2, **options)) == numbers(history)
    assert fresh.state() == whole.state()
    assert fresh.net.conv.weight.is_contiguous()


def test_resuming_twice_is_exact_too(tmp_path):
    whole, first, second, third = (Bench("sgd", "one cycle") for _ in range(4))
    history = launch_run(whole.request(), RunControl()).execute(quiet)
    kept_until(first, tmp_path, 1)
    last = Restoration(Checkpoint.read(tmp_path / "1.safetensors"))
    kept_until(second, tmp_path, 4, start=last.applied_to(FRESH_START))
    assert numbers(resumed(third, tmp_path, 4)) == numbers(history)
    assert third.state() == whole.state()


def test_two_runs_with_one_seed_are_one(tmp_path):
    runs = [Bench("adam", "one cycle") for _ in range(2)]
    first, second = (launch_run(bench.request(), RunControl()).execute(quiet) for bench in runs)
    assert numbers(first) == numbers(second)
    assert runs[0].state() == runs[1].state()


class Moving(nn.Module):
    """Counts in plain attributes, gives a buffer up, empties another, and has a sparse one."""

    def __init__(self):
        super().__init__()
        self.net, self.calls, self.seen = model(), 0, []
        for name in ("once", "memo"):
            self.register_buffer(name, torch.ones(2))
        self.register_buffer("graph", torch.eye(3).to_sparse())

    def forward(self, images):
        if self.training:
            self.calls += 1
            self.seen.append(float(images.mean()))
            self._buffers.pop("once", None)
        self.memo = None
        scores = torch.sparse.mm(self.graph, self.net(images).T).T
        return scores * (1 + 0.1 * self.calls + sum(self.seen))


class Blocks(torch.optim.SGD):
    """Keeps an object beside a number for each parameter."""

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            state = self.state[parameter]
            if not state:
                state.update(count=0, block=object())
            state["count"] += 1
            assert state["block"]
        return super().step(closure)


def test_what_a_run_has_moved_or_given_up_is_so_where_it_goes_on(tmp_path):
    def bench():
        made = Bench()
        made.net = Moving()
        made.optimizer = Blocks(made.net.parameters(), lr=0.1)
        return made

    history = launch_run(bench().request(), RunControl()).execute(quiet)
    kept_until(bench(), tmp_path, 2)
    fresh = bench()
    assert resumed(fresh, tmp_path, 2).train_loss == history.train_loss
    assert (fresh.net.memo, hasattr(fresh.net, "once")) == (None, False)
    assert len(fresh.net.seen) == fresh.net.calls
    told = Restoration(Checkpoint.read(tmp_path / "2.safetensors")).differences(fresh.request())[0]
    assert "model.graph, " in told
    assert "optimizer0.0.0.block" in told


def test_patience_goes_on_where_it_was(tmp_path):
    def callbacks():
        return [EarlyStopping(3, min_delta=1.0)]

    whole, dead, fresh = (Bench() for _ in range(3))
    history = launch_run(whole.request(callbacks=callbacks()), RunControl()).execute(quiet)
    assert (history.stopped_by, len(history)) == ("patience", 4)
    kept_until(dead, tmp_path, 3, callbacks=callbacks())
    assert numbers(resumed(fresh, tmp_path, 3, callbacks=callbacks())) == numbers(history)
    late = Bench()
    launch_run(late.request(callbacks=callbacks()), RunControl())
    keep = Bench()
    run = launch_run(keep.request(callbacks=callbacks()), RunControl())
    run.execute(lambda e: isinstance(e, EpochEnded) and capture(run, {}).write(
        tmp_path / f"{e.epoch}.safetensors"
    ))  # fmt: skip
    ended = resumed(late, tmp_path, 4, callbacks=callbacks())  # died between the epoch and the end
    assert numbers(ended) == numbers(history)
    assert late.state() == whole.state()


@pytest.mark.parametrize("keep", ["best", "last"])
def test_the_best_epoch_is_still_the_best_one(tmp_path, keep):
    worse = {"keep": keep, "monitor": "train_loss"}

    class Spoil(Callback):  # so that the first epoch stays the best
        def on_epoch_end(self, run, numbers):
            numbers["train_loss"] += run.epoch

    whole, dead, fresh = (Bench("sgd", "step") for _ in range(3))
    history = launch_run(whole.request(callbacks=[Spoil()], **worse), RunControl()).execute(quiet)
    assert history.best_epoch == 1
    kept_until(dead, tmp_path, 3, callbacks=[Spoil()], **worse)
    again = resumed(fresh, tmp_path, 3, best=1, callbacks=[Spoil()], **worse)
    assert again.message == history.message
    assert fresh.state()[0] == whole.state()[0]


def test_the_second_optimizer_stays_in_place(tmp_path):
    class Over(Callback):
        def on_epoch_begin(self, run):
            if run.epoch == 2:
                run.switch_to(run.request.then)

    whole, dead, fresh = (Bench("adam", then="sgd") for _ in range(3))
    history = launch_run(whole.request(callbacks=[Over()]), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 3, callbacks=[Over()])
    assert numbers(resumed(fresh, tmp_path, 3, callbacks=[Over()])) == numbers(history)
    assert fresh.state() == whole.state()


class Average(Callback):
    """A moving average of the weights, which begins at what it finds."""

    def __init__(self):
        self.mean = []

    def on_train_begin(self, run):
        self.mean = [p.detach().clone() for p in run.request.model.parameters()]

    def on_step_end(self, run):
        torch._foreach_lerp_(self.mean, [p.detach() for p in run.request.model.parameters()], 0.1)

    def on_epoch_end(self, _run, numbers):
        numbers["ema_val_loss"] = float(sum(p.sum() for p in self.mean))
        numbers["ema_val_acc"] = 0.5

    def state_dict(self):
        return {"mean": {str(i): p for i, p in enumerate(self.mean)}}

    def load_state_dict(self, state):
        self.mean = list(state["mean"].values())


def test_callbacks_tensors_come_back(tmp_path):
    whole, dead, fresh = (Bench() for _ in range(3))
    history = launch_run(whole.request(callbacks=[Average()]), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 4, callbacks=[Average()])
    again = resumed(fresh, tmp_path, 4, callbacks=[Average()])
    assert again.ema_val_loss == history.ema_val_loss


def test_the_chart_is_told_of_the_epochs_before(tmp_path):
    whole, dead, fresh = (Bench() for _ in range(3))
    history = launch_run(whole.request(), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 2)
    events = []
    resumed(fresh, tmp_path, 2, events=events.append)
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert [event.epoch for event in started.earlier] == [1, 2]
    assert [event.val_acc for event in started.earlier] == history.val_acc[:2]
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [3, 4, 5, 6]


def test_a_model_with_tied_weights_and_a_state_of_its_own(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(12, 12)
            self.b = nn.Linear(12, 12)
            self.b.weight = self.a.weight
            self.head = nn.Linear(12, 3)
            self.register_buffer("seen", torch.zeros((), dtype=torch.int64), persistent=False)
            self.register_buffer("none", torch.empty(0))
            self.calls = 0

        def forward(self, x):
            self.seen += 1
            self.calls += 1
            x = x.mean((2,)).flatten(1)[:, :12]
            return self.head(torch.relu(self.b(torch.relu(self.a(x)))))

        def get_extra_state(self):
            return {"calls": self.calls}

        def set_extra_state(self, state):
            self.calls = state["calls"]

    def bench():
        made = Bench()
        with torch.random.fork_rng():
            torch.manual_seed(4)
            made.net = Tied()
        made.optimizer = sgd(made.net)
        return made

    whole, dead, fresh = bench(), bench(), bench()
    launch_run(whole.request(), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 3)
    resumed(fresh, tmp_path, 3)
    assert fresh.net.b.weight is fresh.net.a.weight
    assert (fresh.net.seen, fresh.net.calls) == (whole.net.seen, whole.net.calls)
    assert fresh.state() == whole.state()


def test_the_ledgers_fingerprint_can_be_told_from_a_snapshot():
    bench = Bench()
    run = launch_run(bench.request(epochs=2), RunControl())
    told = []

    def listen(event):
        if isinstance(event, EpochEnded):
            names = capture(run, {}).facts["weights"]
            told.append(fingerprint_of({n: run.good.tensors[k] for n, k in names.items()}))

    run.execute(listen)
    assert told[-1] == fingerprint(bench.net)


def to_adam(bench):
    bench.optimizer = OPTIMIZERS["adam"](bench.net)


def to_the_head_alone(bench):
    bench.optimizer = sgd(bench.net.fc)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda b: setattr(b, "net", model(classes=4, norm=True)),
            "model: fc.weight is 4x6 (float32) and was 3x6",
        ),
        (lambda b: setattr(b, "net", model(dropout=0.5)), "model: there is no norm.bias, which"),
        (lambda b: setattr(b, "net", nn.Sequential(b.net)), "model: the run had no 0.conv.weight"),
        (lambda b: b.net.double(), "model: conv.weight is 6x3x3x3 (float64) and was"),
        (to_adam, "optimizer: it is Adam and was SGD"),
        (
            to_the_head_alone,
            "optimizer: parameter group 1 is not what it was (conv.weight)",
        ),
        (lambda b: setattr(b, "scheduler", None), "scheduler: it is none and was StepLR"),
        (lambda b: setattr(b, "then", b.optimizer), "--then: the run had no second optimizer"),
        (lambda b: setattr(b, "val_loader", None), "val_loader: the run had one"),
    ],
)
def test_objects_that_are_not_the_runs_are_refused_and_left_alone(tmp_path, change, message):
    kept_until(Bench("sgd", "step"), tmp_path, 2)
    other = Bench("sgd", "step")
    change(other)
    before = other.state()
    with pytest.raises(TrainingError) as refused:
        resumed(other, tmp_path, 2)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
    assert other.state() == before


def test_trying_a_checkpoint_on_leaves_no_trace(tmp_path):
    kept_until(Bench("adam", "one cycle"), tmp_path, 2)
    bench = Bench("adam", "one cycle")
    request, before = bench.request(), bench.state()
    draws = bench.train_loader.generator.get_state()
    restoration = Restoration(Checkpoint.read(tmp_path / "2.safetensors"))
    with pytest.raises(KeyError), restoration.tried_on(request):  # noqa: PT012
        assert bench.state() != before
        raise KeyError
    assert bench.state() == before
    assert torch.equal(bench.train_loader.generator.get_state(), draws)


def test_a_schedule_that_cannot_be_kept_is_told_of(tmp_path):
    class Mine:
        def step(self):
            self.count = getattr(self, "count", 0) + 1

    bench = Bench()
    bench.scheduler = Mine()
    run = launch_run(bench.request(epochs=1), RunControl())
    kept = []
    run.execute(lambda event: isinstance(event, EpochEnded) and kept.append(capture(run, {})))
    assert kept[0].facts["unkept"] == ["scheduler"]
    request = bench.request()
    assert "scheduler could not be kept" in Restoration(kept[0]).differences(request)[0]


def test_what_makes_a_difference_is_told(tmp_path):
    kept_until(Bench(), tmp_path, 2)
    bench = Bench()
    bench.train_loader = DataLoader(bench.train_loader.dataset, 8, sampler=RandomSampler(range(64)))
    told = Restoration(Checkpoint.read(tmp_path / "2.safetensors")).differences(bench.request())
    assert "gave 6 batches and gives 8" in told[0]
    assert "train_loader.sampler.generator" in told[1]


def test_a_loader_with_workers_draws_the_same(tmp_path):
    def bench():
        made = Bench()
        made.train_loader = DataLoader(
            made.train_loader.dataset, 24, shuffle=True, num_workers=1, collate_fn=noisy
        )
        return made

    whole, dead, fresh = bench(), bench(), bench()
    history = launch_run(whole.request(epochs=3), RunControl()).execute(quiet)
    kept_until(dead, tmp_path, 1, epochs=3)
    assert numbers(resumed(fresh, tmp_path, 1, epochs=3)) == numbers(history)
    assert fresh.state() == whole.state()


def noisy(samples):
    images, labels = (torch.stack(part) for part in zip(*samples, strict=True))
    return images + 0.1 * torch.randn(images.shape) + 0.1 * random.gauss(), labels
