"""Completion in JupyterLab: what Tab shows, and what a choice leaves in the cell."""

import math

import pytest
from browser.lab import until
from playwright.sync_api import expect

TALL = {"height": math.inf}
"""A box that is not there, as while the offers are drawn anew."""

START = "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0"


@pytest.fixture
def typed(notebook):
    """Types into an empty second cell, key by key, and presses Tab."""
    notebook.fill(START.format("tab"), "")
    notebook.run(0)

    def typed(text):
        notebook.cell(1).locator(".cm-content").click()
        notebook.page.keyboard.press("Control+A")
        notebook.page.keyboard.press("Delete")
        notebook.page.keyboard.type(text)
        notebook.page.keyboard.press("Tab")
        return notebook

    return typed


def offers(notebook):
    return notebook.page.locator(".jp-Completer-item:visible")


def test_items_are_offered_with_their_prices(typed, shoot):
    notebook = typed("%%shop\nbuy Flip trick, Fog")
    first = offers(notebook).first
    expect(first).to_contain_text("Foggy lens")
    expect(first).to_contain_text("5\u00a0B\u00a0NN", ignore_case=True)
    expect(first.locator(".jp-Completer-typeExtended")).to_have_css("text-transform", "uppercase")
    box = until(notebook.page, first.bounding_box, lambda box: (box or TALL)["height"] < 30)
    assert box["width"] > box["height"]  # the price stands beside the name
    shoot(notebook.page, "_open")
    notebook.page.keyboard.press("Enter")
    chosen = "%%shop\nbuy Flip trick, Foggy lens"
    until(notebook.page, lambda: notebook.sources()[1], lambda source: source == chosen)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("%%shop\nbuy tokyo d", "%%shop\nbuy Tokyo data drift"),
        ("%train --mon", "%train --monitor"),
        ("%classgame new dig", "%classgame new digits"),
    ],
)
def test_the_offer_takes_the_place_of_what_was_typed(typed, text, filled):
    notebook = typed(text)
    expect(offers(notebook)).to_have_count(1)
    notebook.page.keyboard.press("Enter")
    expect(notebook.cell(1).locator(".cm-line")).to_have_text(filled.splitlines())
