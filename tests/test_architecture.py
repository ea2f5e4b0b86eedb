"""The picture of the architecture shows the rooms that there are."""

import runpy

from helpers.manual import DOCS


def test_the_picture_is_drawn_from_the_imports_that_there_are():
    drawn = runpy.run_path(str(DOCS / "scripts" / "architecture_map.py"))
    picture = drawn["PICTURE"].read_text(encoding="utf-8")
    now = drawn["names_in"](drawn["draw"]())
    assert drawn["names_in"](picture) == now, "run: python docs/scripts/architecture_map.py"
