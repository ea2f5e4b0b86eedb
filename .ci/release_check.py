"""Builds the wheel and the sdist and tries them in an empty environment: ``make release-check``."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out" / "release"
EXTENSION = "jupyter-classgame-labextension"

GAME = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_classgame")
shell.run_line_magic("classgame", "new digits --team release")
shell.run_cell_magic("shop", "", "buy Speed boost")
shell.run_cell('''
import torch
from torch import nn
model = nn.Sequential(nn.Flatten(), nn.LazyLinear(10))
train_loader, val_loader = game.loader("train"), game.loader("val")
model(next(iter(train_loader))[0])
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
''').raise_error()
shell.run_line_magic("train", "--epochs 1")
history = shell.user_ns["history"]
assert len(history) == 1, history
assert shell.user_ns["game"].balance == 90
print("trained: validation accuracy", round(history.val_acc[-1], 3))
"""
"""What is played in the empty environment."""


def main() -> None:
    """Check the version, build, compare, install and play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-play", action="store_true", help="build and compare only")
    arguments = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    wheel, sdist = build()
    version = wheel.name.split("-")[1]
    check_versions(version)
    check_contents(wheel, sdist)
    if not arguments.no_play:
        play(wheel, version)
    print(f"{wheel.name} and {sdist.name} are ready in {wheel.parent}")


def build() -> tuple[Path, Path]:
    """Build the sdist, and the wheel from the sdist: so nothing that the wheel needs is missing."""
    run(sys.executable, "-m", "build", "--outdir", OUT / "dist", ROOT)
    (wheel,) = (OUT / "dist").glob("*.whl")
    (sdist,) = (OUT / "dist").glob("*.tar.gz")
    return wheel, sdist


def check_versions(version: str) -> None:
    """Refuse a version that the front end or the changelog does not carry."""
    manifest = json.loads((ROOT / "labextension" / "package.json").read_text(encoding="utf-8"))
    if manifest["version"] != version:
        sys.exit(f"labextension/package.json has {manifest['version']}, the package {version}")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    first = heading.group(1) if heading else "nothing"
    if first != "Unreleased" and not first.startswith(version):
        sys.exit(f"CHANGELOG.md begins with {first!r}: write the section of {version}")


def check_contents(wheel: Path, sdist: Path) -> None:
    """Refuse files that are missing, or that have no place in a release."""
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.namelist()
    modules = {str(p.relative_to(ROOT)) for p in tracked("jupyter_classgame")}
    if missing := sorted(modules - set(inside)):
        sys.exit(f"the wheel has not got {', '.join(missing)}")
    if not any(name.endswith(f"labextensions/{EXTENSION}/package.json") for name in inside):
        sys.exit("the wheel has not got the JupyterLab extension")
    with tarfile.open(sdist) as archive:
        inside += archive.getnames()
    if strays := [n for n in inside if "node_modules" in n or "__pycache__" in n or "/.yarn/" in n]:
        sys.exit(f"{strays[0]} does not belong into a release")


def tracked(folder: str) -> list[Path]:
    """List the files of a folder that git knows."""
    names = run("git", "ls-files", folder, capture=True).splitlines()
    return [ROOT / name for name in names]


def play(wheel: Path, version: str) -> None:
    """Install the wheel alone into a new environment, and play there."""
    home = OUT / "environment"
    folders = {"HOME": OUT / "home", "JUPYTER_DATA_DIR": OUT / "home", "IPYTHONDIR": OUT / "home"}
    (OUT / "home").mkdir()
    os.environ.update({name: str(folder) for name, folder in folders.items()})
    venv.create(home, with_pip=True, clear=True)
    python = home / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, "jupyterlab", cwd=OUT)
    code = "import jupyter_classgame; print(jupyter_classgame.__version__)"
    if (found := run(python, "-c", code, cwd=OUT, capture=True).strip()) != version:
        sys.exit(f"the installed package says it is {found}, not {version}")
    run(python, "-c", GAME, cwd=OUT)
    listed = subprocess.run(
        [home / "bin" / "jupyter", "labextension", "list"],
        cwd=OUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    if f"{EXTENSION} v{version}" not in listed.stdout + listed.stderr:
        sys.exit(f"JupyterLab does not find {EXTENSION} {version}:\n{listed.stderr}")


def run(*command: str | Path, cwd: Path = ROOT, capture: bool = False) -> str:
    """Run a command that must not fail; what it prints, where it is captured."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, check=True, text=True,
        stdout=subprocess.PIPE if capture else None,
    )  # fmt: skip
    return done.stdout or ""


if __name__ == "__main__":
    main()
