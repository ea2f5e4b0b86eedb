"""Games killed at random times: intact ledgers, checkpoints that load, runs that resume.

``soak.py`` runs it. Each child process is a separate game: ``play`` orders and trains until it is
killed, ``resume`` opens the game again and resumes its run.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

SPAN = 10.0
"""Seconds after its imports within which a game is killed."""

AFTER_RESUME = 2
"""Epochs that a resumed run trains before it is stopped."""

PATIENCE = 300.0
READY, EPOCH, RESUMED = "ready", "epoch ", "resumed "
ORDERS = ("buy Flip trick, Weight decay", "return Weight decay", "buy Need for shift",
          "return Flip trick, Need for shift")  # fmt: skip
EPOCHS = 60


@dataclass
class Tally:
    """Results of the kills."""

    done: int = 0
    epochs: list[int] = field(default_factory=list)
    checkpoints: int = 0
    partial: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


# -- child process ----------------------------------------------------------------------------


def game_and_parts(images: Path, seed: int) -> tuple[Any, dict[str, Any]]:
    """Start or reopen the game, and build an ordinary model and its optimizer."""
    import torch  # noqa: PLC0415 - only children need it
    from torch import nn  # noqa: PLC0415

    from jupyter_classgame.session.start import start_game  # noqa: PLC0415

    torch.set_num_threads(1)
    print(READY, flush=True)
    names: dict[str, Any] = {}
    game = start_game(images, team="soak", image_size=16, seed=seed, namespace=names)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 4 * 4, len(game.classes)),
    )  # fmt: skip
    names |= {
        "model": model,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.003),
        "train_loader": game.loader("train", batch_size=8),
        "val_loader": game.loader("val", batch_size=32),
        "criterion": nn.CrossEntropyLoss(),
    }
    return game, names


def play(images: Path, seed: int) -> None:
    """Order and train repeatedly until the process is killed."""
    from jupyter_classgame.events import EpochEnded  # noqa: PLC0415

    while True:
        game, _ = game_and_parts(images, seed)
        game.events.subscribe(
            lambda event: (
                print(f"{EPOCH}{event.epoch}", flush=True)
                if isinstance(event, EpochEnded)
                else None
            )
        )
        for order in ORDERS:
            game.order(order)
        game.train(epochs=EPOCHS, seed=seed)


def resume(images: Path, seed: int) -> None:
    """Open the wallet, resume the run, and stop it after a few epochs."""
    from jupyter_classgame.errors import ClassGameError  # noqa: PLC0415
    from jupyter_classgame.events import EpochEnded  # noqa: PLC0415
    from jupyter_classgame.training.run_control import RunControl  # noqa: PLC0415

    game, _ = game_and_parts(images, seed)
    wallet = {"balance": game.balance, "owned": game.owned, "runs": len(game.runs().runs)}
    control, seen = RunControl(), []

    def watch(event: Any) -> None:
        if isinstance(event, EpochEnded):
            seen.append(event.epoch)
            if len(seen) >= AFTER_RESUME:
                control.stop()

    game.events.subscribe(watch)
    told: dict[str, Any] = {"wallet": wallet, "epochs": seen}
    try:
        history = game.train(epochs=EPOCHS, seed=seed, resume=True, control=control)
        told |= {"stopped_by": history.stopped_by, "length": len(history)}
    except ClassGameError as error:
        told["refused"] = str(error)
    print(RESUMED + json.dumps(told), flush=True)


# -- parent process --------------------------------------------------------------------------


def soak(images: Path, home: Path, kills: int, until: float) -> Tally:
    """Kill ``kills`` games, or as many as time allows, and check each."""
    tally, rng = Tally(), random.Random(0)  # noqa: S311 - instants, not secrets
    for number in range(kills):
        if time.monotonic() > until:
            tally.wrong.append(f"time was up after {number} of {kills} kills; give more --minutes")
            break
        told = killed(images, home, number, rng.uniform(0, SPAN), tally)
        tally.epochs.append(told)
        tally.wrong += [f"kill {number + 1}: {what}" for what in broken_files(home, tally)]
        what = resumption_failure(images, home, number, told, tally)
        tally.wrong += [f"kill {number + 1}: {what}"] if what else []
        tally.done += 1
    return tally


def child(what: str, images: Path, home: Path, seed: int) -> subprocess.Popen[str]:
    """Start a child process."""
    return subprocess.Popen(
        [sys.executable, __file__, what, str(images), str(seed)],
        env=os.environ | {"JUPYTER_DATA_DIR": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def killed(images: Path, home: Path, number: int, after: float, tally: Tally) -> int:
    """Kill a game some seconds after its imports; return the last epoch that it reported."""
    with child("play", images, home, number) as process:
        for line in process.stdout:
            if line.startswith(READY):
                break
        time.sleep(after)
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        rest = process.stdout.read()
        if process.wait() != -9:
            tally.wrong.append(f"kill {number + 1}: it had ended by itself: {rest[-500:]}")
    _, left = psutil.wait_procs(family, timeout=30)
    for stray in left:
        tally.wrong.append(f"kill {number + 1}: it left process {stray.pid} behind")
        stray.kill()
    last = rest.rpartition(READY)[2]
    epochs = [int(line.removeprefix(EPOCH)) for line in last.splitlines() if line.startswith(EPOCH)]
    return max(epochs, default=0)


def broken_files(home: Path, tally: Tally) -> list[str]:
    """Return a message for every broken file."""
    import safetensors.torch  # noqa: PLC0415 - loads torch

    wrong = []
    ledgers = list(home.rglob("*.sqlite"))
    if not ledgers and tally.done:
        wrong.append("there is no ledger")
    for ledger in ledgers:
        with sqlite3.connect(ledger) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
        connection.close()
        if found != [("ok",)]:
            wrong.append(f"{ledger.name}: {found[:3]}")
    for file in home.rglob("*.safetensors"):
        try:
            safetensors.torch.load_file(file)
            tally.checkpoints += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it does not load
            wrong.append(f"{file.relative_to(home)} does not load: {error}")
    for file in home.rglob("*.json"):
        try:
            json.loads(file.read_text())
        except ValueError as error:
            wrong.append(f"{file.relative_to(home)} is no JSON: {error}")
    tally.partial = sum(1 for file in home.rglob("*") if ".tmp" in file.name)
    return wrong


def resumption_failure(images: Path, home: Path, number: int, told: int, tally: Tally) -> str:
    """Resume the game; return what failed, or an empty string."""
    with child("resume", images, home, number) as process:
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return f"the resumed run did not end in {PATIENCE:.0f} s"
    lines = [line for line in said.splitlines() if line.startswith(RESUMED)]
    if process.returncode or not lines:
        return f"the game did not open again: {said[-800:]}"
    result = json.loads(lines[-1].removeprefix(RESUMED))
    if "refused" in result:
        tally.outcomes["nothing to resume"] += 1
        # the last epoch may have been reported before its checkpoint was written
        return f"not resumed after {told} epochs: {result['refused']}" if told > 1 else ""
    tally.outcomes["resumed"] += 1
    if result["epochs"] and result["epochs"][0] < told:
        return f"went on with epoch {result['epochs'][0]} after {told} epochs had ended"
    return "" if result["stopped_by"] in ("user", "epochs") else f"ended by {result['stopped_by']}"


if __name__ == "__main__":
    {"play": play, "resume": resume}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
