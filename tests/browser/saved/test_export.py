"""The demo as a page of HTML, opened from the disk where there is no network."""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(3600)  # the demo is played before

TRAINING, VALIDATION, BEST = (0, 114, 178), (213, 94, 0), (0, 158, 115)


def picture(page, description, folder):
    """A picture as it is seen on the page: its pixels, after it was found to be whole."""
    shown = page.locator("figure img").and_(page.get_by_alt_text(re.compile(description)))
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    assert shown.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") > 200
    box = shown.bounding_box()
    assert box["width"] > 200
    assert box["height"] > 100
    shown.screenshot(path=folder / "picture.png")
    with Image.open(folder / "picture.png") as pixels:
        return np.asarray(pixels.convert("RGB")).astype(int)


def amount_of(colour, pixels):
    """How many pixels have a colour."""
    return int((np.abs(pixels - np.array(colour)).max(axis=-1) < 12).sum())


def test_the_state_of_the_widgets_is_there_or_not(exported, request):
    kind = "application/vnd.jupyter.widget-state+json"
    state = exported.locator(f"script[type='{kind}']")
    expect(state).to_have_count(int("[with_widgets]" in request.node.name))


def test_the_receipts_stand_there(exported):
    receipts = exported.get_by_role("group", name="Receipt")
    expect(receipts).to_have_count(3)
    for receipt, said in zip(
        receipts.all(),
        ("40 B NN of 100 B NN spent.", "Nothing changed", "90 B NN of 100 B NN spent."),
        strict=True,
    ):
        expect(receipt).to_be_visible()
        expect(receipt).to_contain_text(said)
        expect(receipt).to_contain_text("Info infusion")


@pytest.mark.parametrize("run", [1, 2])
def test_the_curves_of_a_run_are_drawn(exported, tmp_path, run):
    pixels = picture(exported, f"^run {run}: model: 5 epochs, best epoch", tmp_path)
    middle = pixels.shape[1] // 2
    for panel in (pixels[40:, :middle], pixels[40:, middle:]):  # loss, accuracy; not the legend
        for colour in (TRAINING, VALIDATION, BEST):
            assert amount_of(colour, panel) > 20


def test_the_confusion_matrix_is_drawn(exported, tmp_path):
    pixels = picture(exported, "^Confusion matrix, 10 classes", tmp_path)
    dark = (pixels[..., 2] - pixels[..., 0] > 40) & (pixels.sum(axis=-1) < 330)
    assert dark.mean() > 0.03  # the diagonal: most images of a class
    expect(exported.get_by_role("table", name="Scores of each class")).to_be_visible()


def test_the_bars_of_the_ensemble_are_drawn(exported, tmp_path):
    pixels = picture(exported, "^Ensemble of 3, soft vote", tmp_path)
    members, ensemble = amount_of(TRAINING, pixels), amount_of(BEST, pixels)
    assert 2 < members / ensemble < 4  # three bars against one
    table = exported.get_by_role("table", name="Members against the ensemble")
    expect(table).to_be_visible()
    expect(table).to_contain_text("model_c")


def test_nothing_is_left_blank(exported):
    shop = exported.get_by_role("table", name="Catalogue with prices")
    expect(shop).to_be_visible()
    expect(shop.get_by_text("✓ owned")).to_have_count(3)
    expect(exported.get_by_role("group", name="Hidden test images")).to_have_count(2)
    for complaint in ("widget", "Loading"):
        expect(exported.get_by_text(complaint)).to_have_count(0)
    for output in exported.locator(".jp-Cell-outputArea").all():
        expect(output).to_be_visible()
        seen = output.locator("img, svg, table").count() or len(output.inner_text().strip())
        assert seen, output.inner_html()[:300]
