"""The Python package and its JupyterLab extension fit together and stay small."""

import json
import re
from pathlib import Path

import pytest
from packaging.version import Version

import jupyter_classgame

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "labextension"
BUILT = ROOT / "jupyter_classgame" / "labextension"
NAME = "jupyter-classgame-labextension"


@pytest.fixture
def built() -> Path:
    if not (BUILT / "package.json").exists():
        pytest.skip("the extension is not built here: run `make demo`")
    return BUILT


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_python_and_javascript_carry_one_version() -> None:
    manifest = read(SOURCES / "package.json")
    assert Version(manifest["version"]) == Version(jupyter_classgame.__version__)


def test_every_place_has_the_same_name() -> None:
    assert read(SOURCES / "package.json")["name"] == NAME
    (paths,) = jupyter_classgame._jupyter_labextension_paths()
    assert paths == {"src": BUILT.name, "dest": NAME}
    assert f"share/jupyter/labextensions/{NAME}" in (ROOT / "pyproject.toml").read_text("utf-8")
    assert read(SOURCES / "install.json")["packageName"] == "jupyter-classgame"


@pytest.mark.parametrize("name", ["package.json", "yarn.lock", ".yarnrc.yml"])
def test_no_registry_is_named(name: str) -> None:
    text = (SOURCES / name).read_text(encoding="utf-8")
    assert not re.search(r"https?(:|%3A)|npmRegistry|archiveUrl", text, re.IGNORECASE)


def test_the_lockfile_knows_every_dependency() -> None:
    manifest = read(SOURCES / "package.json")
    lock = (SOURCES / "yarn.lock").read_text(encoding="utf-8")
    wanted = manifest["dependencies"] | manifest["devDependencies"] | manifest["resolutions"]
    entries = [f"{name}@npm:{spec}" for name, spec in wanted.items()]
    assert [entry for entry in entries if entry not in lock] == []


def test_the_built_extension_is_small(built: Path) -> None:
    size = sum(file.stat().st_size for file in built.rglob("*") if file.is_file())
    assert 1_000 < size < 100_000


def test_the_built_extension_is_this_one_and_whole(built: Path) -> None:
    manifest = read(built / "package.json")
    assert manifest["name"] == NAME
    assert manifest["version"] == read(SOURCES / "package.json")["version"]
    assert (built / manifest["jupyterlab"]["_build"]["load"]).is_file()
    assert read(built / "install.json") == read(SOURCES / "install.json")
