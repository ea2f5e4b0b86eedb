"""Light modules stay light; who may import whom is checked by import-linter, in ``make lint``."""

import subprocess
import sys

import pytest


@pytest.mark.processes
@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("jupyter_classgame", ["IPython", "torch", "sqlalchemy", "ipywidgets"]),
        ("jupyter_classgame.shop", ["torch", "IPython"]),
        ("jupyter_classgame.shop.ledger", ["torch", "IPython"]),
        ("jupyter_classgame.packs", ["torch", "IPython"]),
        ("jupyter_classgame.training.options.table", ["torch", "IPython", "sqlalchemy"]),
    ],
)
def test_light_modules_stay_light(module, absent):
    code = f"import sys, {module}; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
