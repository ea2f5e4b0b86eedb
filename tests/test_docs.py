"""The manual: it builds without a warning, and shows what is there."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.processes
@pytest.mark.skipif(
    importlib.util.find_spec("sphinx") is None, reason="pip install -e '.[docs]' brings Sphinx"
)
def test_the_manual_builds(tmp_path):
    """Links between pages, headings they lead to, pictures: Sphinx warns of what is missing."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(DOCS), str(tmp_path)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert len(pages) > 10
    assert pages <= {path.relative_to(tmp_path) for path in tmp_path.rglob("*.html")}
    assert "<img" in (tmp_path / "players.html").read_text(encoding="utf-8")


def test_the_readme_leads_to_what_is_there():
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    targets = [part.partition(")")[0].partition("#")[0] for part in readme.split("](")[1:]]
    local = [target for target in targets if "://" not in target]
    assert len(local) > 5
    assert [target for target in local if not (DOCS.parent / target).exists()] == []
