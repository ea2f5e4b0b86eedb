"""The hand on a chart in JupyterLab, of a run under way and of one that is over."""

import re

import pytest
from browser.lab import SLOW
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0",
    SLOW,
    "%train --epochs 3",
    "optimizer.param_groups[0]['lr'] = 0.002\n%train --epochs 40",
    "history.chart()",
)
SETUP, SHORT, LONG, CHART = range(1, 5)

TRAIN, VALIDATION = "rgb(0, 114, 178)", "rgb(213, 94, 0)"


@pytest.fixture
def prepare(notebook):
    """Gets a team to where it has a short run."""

    def prepare(team):
        notebook.fill(CELLS[0].format(team), *CELLS[1:])
        notebook.run(0, SETUP, SHORT)
        return notebook

    return prepare


def press(output, name):
    output.get_by_role("button", name=name, exact=True).click()


def toggle(output, name):
    output.locator(".jupyter-widgets.widget-toggle-button", has_text=name).click()


def titles(output):
    return output.locator(".bqplot .mainheading")


def ends(output, colour):
    """The epochs, on the upper axis, between which a curve of a colour is drawn: share of width."""
    return output.locator(".bqplot").first.evaluate(
        """(figure, colour) => {
            const lines = [...figure.querySelectorAll('path.line')];
            const box = figure.querySelector('.plotarea_background').getBoundingClientRect();
            const line = lines.find(each => getComputedStyle(each).stroke === colour);
            const drawn = line.getBoundingClientRect();
            return [drawn.left - box.left, drawn.right - box.left].map(x => x / box.width);
        }""",
        colour,
    )


def hover(notebook, output, colour, index):
    """Put the mouse on a dot of a colour, and give what it is told."""
    output.locator(".bqplot").first.scroll_into_view_if_needed()
    dots = output.locator(".bqplot").first.locator("path.dot")
    dots = [dot for dot in dots.all() if dot.evaluate("d => getComputedStyle(d).fill") == colour]
    box = dots[index].bounding_box()
    notebook.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = notebook.page.locator(".mark_tooltip, .bqplot_tooltip_div").locator("visible=true")
    expect(tip).to_have_count(1)
    return tip.inner_text().split()


def test_the_chart_of_a_run_under_way_is_in_hand(prepare, shoot):
    notebook = prepare("charthand")
    notebook.start(LONG)
    output = notebook.output(LONG)
    expect(output).to_contain_text(re.compile(r"epoch ([3-9]|[1-3]\d)/40"))
    expect(titles(output)).to_have_text(["Loss", "Accuracy"])
    expect(output.get_by_role("checkbox", name="run 1: model")).to_be_checked()

    press(output, "Learning rate")
    expect(titles(output)).to_have_text(["Learning rate"])
    rate = hover(notebook, output, TRAIN, 0)
    assert rate == ["this", "run", "epoch", "1", "learning", "rate", "0.002"]
    press(output, "Loss")
    expect(titles(output)).to_have_text(["Loss"])
    toggle(output, "Log scale")
    expect(
        output.locator(".bqplot .axis text", has_text=re.compile(r"^(0.[125]|1|2)$"))
    ).not_to_have_count(0)
    shoot(notebook.cell(LONG), "-log")
    assert notebook.busy(LONG)

    output.get_by_role("button", name="Stop").click()
    notebook.wait(LONG)
    assert int(notebook.ask("print(len(history))")) > 3


def test_the_chart_of_a_run_that_is_over_is_in_hand(prepare, shoot):
    notebook = prepare("chartover")
    notebook.fill(*CELLS[:-2], "%train --epochs 12", "history.chart()")
    notebook.run(0, SETUP, SHORT, LONG, CHART)
    output = notebook.output(CHART)
    expect(titles(output)).to_have_text(["Loss", "Accuracy"])
    last = notebook.ask("print(f'{history.val_loss[-1]:.4f}')")
    expect(output.locator(".bqplot path.line").first).to_be_visible()
    assert hover(notebook, output, VALIDATION, -1) == ["validation", "epoch", "12", "loss", last]
    shoot(notebook.cell(CHART), "-hover")

    first, end = ends(output, TRAIN)
    assert first == pytest.approx(1 / 12.24, abs=0.03)  # dots at the edge have room
    assert end == pytest.approx(12 / 12.24, abs=0.03)
    toggle(output, "Zoom")
    box = output.locator(".bqplot").first.bounding_box()
    notebook.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(output.locator(".bqplot").first.locator("[style*=cursor]")).not_to_have_count(0)
    for _ in range(4):
        notebook.page.mouse.wheel(0, -200)
    notebook.page.wait_for_timeout(500)
    zoomed = ends(output, TRAIN)
    assert zoomed[1] - zoomed[0] > 1.5 * (end - first)
    toggle(output, "Zoom")
    shoot(notebook.cell(CHART), "-zoomed")
    output.get_by_role("button", name="Reset zoom").click()
    notebook.page.wait_for_timeout(500)
    assert ends(output, TRAIN) == pytest.approx([first, end], abs=0.01)

    other = output.get_by_role("checkbox", name="run 1: model")
    count = output.locator(".bqplot").first.locator("path.line").count()
    expect(other).to_be_checked()
    other.focus()
    notebook.page.keyboard.press("Space")
    expect(output.locator(".bqplot").first.locator("path.line")).to_have_count(count - 1)
