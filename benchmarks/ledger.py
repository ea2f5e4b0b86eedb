"""A class that opens one SQLite ledger at the same moment, and buys.

Each of ``--kernels`` processes opens the ledger, begins its team's game and places an order. All
have loaded what they need and begin together. Printed are seconds, and the slowest opening over its
limit of 5 s; above 1 the benchmark fails.

    python benchmarks/ledger.py [--kernels 200]
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import jupyter_classgame.shop.ledger as ledgers
from jupyter_classgame.shop.receipt import Receipt
from jupyter_classgame.shop.storage.records import GameRecord

LIMIT = 5.0


def open_game(url: str, team: str) -> tuple[ledgers.Ledger, GameRecord]:
    """Do what ``%classgame new`` does."""
    ledger = ledgers.open_ledger(url, Path())
    ledger.check_writable()
    return ledger, ledger.open_game(team, "digits", {"image size": "32x32"}, rules="0" * 12)


def order(ledger: ledgers.Ledger, game: GameRecord) -> None:
    """Do what a ``%%shop`` cell does: read the wallet, and write an entry."""
    ledger.order(game, lambda held, _used: Receipt((), 100, 100, 100, game.team, held.owned))
    ledger.reset(game)


def play(url: str, team: str, begin: Any, results: Any) -> None:
    """Open the ledger and order, as soon as all may."""
    begin.wait()
    start = time.perf_counter()
    ledger, game = open_game(url, team)
    opened = time.perf_counter()
    order(ledger, game)
    results.put((opened - start, time.perf_counter() - opened))


def main() -> int:
    """Measure new teams, then the same teams once more."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=int, default=200)
    parser.add_argument("--url", default="", help="another database than a new SQLite file")
    given = parser.parse_args()
    order(*open_game("sqlite://", "warm-up"))
    context = multiprocessing.get_context("fork")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/ledger.sqlite"
        for what in ("new teams", "the same teams again"):
            begin, results = context.Event(), context.Queue()
            kernels = [
                context.Process(target=play, args=(url, f"team {n}", begin, results))
                for n in range(given.kernels)
            ]
            for kernel in kernels:
                kernel.start()
            begin.set()
            seconds = [results.get(timeout=60) for _ in kernels]
            for kernel in kernels:
                kernel.join()
            for verb, column in zip(("opened", "ordered"), zip(*seconds, strict=True), strict=True):
                middle, late = statistics.median(column), max(column)
                print(f"{what:<22} {verb:<8} median {middle:6.2f} s   slowest {late:6.2f} s")
                worst = max(worst, late if verb == "opened" else 0.0)
    print(f"slowest opening / limit of {LIMIT:g} s, {given.kernels} kernels: {worst / LIMIT:.2f}")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
