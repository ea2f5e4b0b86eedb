"""A side's process, started and waited for."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from peers.side import MARK

BENCHMARKS = Path(__file__).parents[1]


def measure(who: str, folder: Path) -> dict[str, Any]:
    """Measure one side once, in a separate process.

    Raises
    ------
    RuntimeError
        It failed; the message is the end of what it said.
    """
    path = os.pathsep.join([str(BENCHMARKS), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = subprocess.run(
        [sys.executable, "-m", "peers.side", who, str(folder), repr(time.time())],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in ended.stdout.splitlines() if line.startswith(MARK)]
    if ended.returncode or not said:
        raise RuntimeError(f"{who} failed:\n{ended.stdout[-1000:]}{ended.stderr[-3000:]}")
    return json.loads(said[-1].removeprefix(MARK))
