"""The same training in ``%train``, in its peers, and at the limit of the machine.

Every side trains the same model from the same weights on the same images with the same batch size,
optimizer and augmentation (flip and shift), in a separate process; the sides take turns, so that
slow minutes of the machine affect all of them. Prints the median seconds of training an epoch, by
the side's own epoch boundaries, and the ratios to the limit and to the fastest peer; also the time
between two epochs (mostly validation), the start-up from the process's start to the first batch,
the total, and the accuracy on the same validation images. The first epoch of a process is a warm-up
and does not count in the medians.

    python benchmarks/peers.py --data cifar10.npz --images 5000 --work model3 --json out/model3.json
    python benchmarks/peers.py --markdown out/model3.json --into docs/developers/performance.md

Without --data the images are generated. The peers come with the extra ``bench``.
"""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for the package ``peers`` in this folder

from peers import images, table  # noqa: E402
from peers.machine import in_words, machine, versions  # noqa: E402
from peers.side import SIDES, installed  # noqa: E402
from peers.side_process import measure  # noqa: E402
from peers.works import WORKS, numbers_in  # noqa: E402

BY_DEFAULT = [who for who, side in SIDES.items() if side.kind != "switched"]
ROUNDS = 5


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = images.command_line(__doc__)
    parser.add_argument("--images", type=int, default=5000, help="training images (5000)")
    parser.add_argument("--epochs", type=int, default=3, help="epochs a round; one warms up (3)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds ({ROUNDS})")
    parser.add_argument("--work", choices=list(WORKS), default="model3", help="what (model3)")
    parser.add_argument(
        "--who", nargs="+", choices=list(SIDES), default=BY_DEFAULT, help="sides (all as they come)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the weights (0)")
    parser.add_argument("--workers", type=int, default=0, help="the peers' loading processes (0)")
    parser.add_argument("--json", type=Path, help="file for all that was measured")
    parser.add_argument("--markdown", type=Path, nargs="+", help="write the tables of such files")
    parser.add_argument("--into", type=Path, help="page to put them into, at its own places")
    return parser.parse_args()


def present(who: list[str]) -> tuple[list[str], list[str]]:
    """Return the sides that can be measured here, and a message for each other one."""
    kept, missing = [], []
    for name in who:
        side = SIDES[name]
        if not installed(side.distribution):
            missing.append(f"{side.title}: {side.distribution} is missing; pip install '.[bench]'")
        else:
            kept.append(name)
    return kept, missing


def rounds(who: list[str], count: int, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Measure all sides in turn, every other round in reverse; return results and failures."""
    results, failed = [], []
    for number in range(count):
        for name in who if number % 2 == 0 else reversed(who):
            try:
                result = measure(name, folder) | {"round": number}
            except RuntimeError as error:
                failed.append(str(error))
                print(error, file=sys.stderr)
                continue
            results.append(result)
            if not table.learnt(result):
                failed.append(f"{name}: its loss fell neither in training nor in validation")
            print(
                f"round {number + 1}: {name:14} {table.steady(result['train']):8.3f} s an epoch, "
                f"loss {result['losses'][0]:.3f} to {result['losses'][-1]:.3f}, "
                f"accuracy {result['after']['accuracy']:.3f}",
                flush=True,
            )
    return results, failed


def compare(given: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Measure as the command line says; return the report and the failures."""
    work = WORKS[given.work]
    who, missing = present(given.who)
    print("\n".join([in_words(machine()), *missing]), flush=True)
    if not who:
        raise SystemExit("nobody is left to measure")
    task = {name: getattr(given, name) for name in ("work", "epochs", "seed", "workers")}
    with tempfile.TemporaryDirectory(prefix="peers-") as place:
        folder = Path(place)
        data = images.prepare(folder, work.size, given.images, given.data)
        (folder / "task.json").write_text(json.dumps(task))
        began = machine()
        results, failed = rounds(who, given.rounds, folder)
    if not results:
        raise SystemExit("nothing could be measured")
    numbers = ", ".join(f"{name} {value:g}" for name, value in work.options.items())
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "title": work.title,
        "numbers": numbers_in(work.model(given.seed)),
        "data": data,
        "batch": work.batch,
        "optimizer": f"{work.optimizer.__name__} ({numbers})",
        "task": task,
        "rounds": given.rounds,
        "threads": results[0]["threads"],
        "device": results[0]["device"],
        "machine": began,
        "versions": versions(),
        "results": results,
        "failed": failed,
    }, failed


def main() -> int:
    """Run the benchmark and print the results, or print earlier ones."""
    given = arguments()
    if given.markdown:
        for file in given.markdown:
            report = json.loads(file.read_text())
            written = table.markdown(report)
            if given.into is None:
                print(written, end="\n\n")
            else:
                table.place(given.into, f"{report['task']['work']} {report['device']}", written)
        return 0
    report, failed = compare(given)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(report, indent=1))
    print(f"\n{table.text(report)}")
    if given.rounds < ROUNDS:
        print(f"fewer than {ROUNDS} rounds: a trial, not a measurement")
    for line in failed:
        print(f"failed: {line.splitlines()[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
