"""The hand on a chart in JupyterLab, of a run under way and of one that is over."""

import re

import pytest
from browser.lab import SLOW, from_epoch, until
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0",
    SLOW,
    "%train --epochs 3",
    "optimizer.param_groups[0]['lr'] = 0.002\n%train --epochs 120",
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


def wait_for_ends(output, colour, right):
    return until(output.page, lambda: ends(output, colour), right)


PLACE = """(figure, [colour, index]) => {
    const dots = [...figure.querySelectorAll('path.dot')];
    const dot = dots.filter(each => getComputedStyle(each).fill === colour).at(index);
    if (!dot) return null;
    const {x, y, width, height} = dot.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
}"""


def expect_told(notebook, output, colour, index, expected):
    """Put the mouse on a dot of a colour, again where it has moved, until this is told of it."""
    figure = output.locator(".bqplot").first
    figure.scroll_into_view_if_needed()
    tip = notebook.page.locator(".mark_tooltip, .bqplot_tooltip_div").locator("visible=true")

    def told():
        place = figure.evaluate(PLACE, [colour, index])
        if place is not None:
            notebook.page.mouse.move(*place)
        notebook.page.wait_for_timeout(300)
        return " ".join(tip.all_inner_texts()).split()

    until(notebook.page, told, lambda words: words == expected)


def test_the_chart_of_a_run_under_way_is_in_hand(prepare, shoot):
    notebook = prepare("charthand")
    notebook.start(LONG)
    output = notebook.output(LONG)
    expect(output).to_contain_text(re.compile(from_epoch(3)))
    expect(titles(output)).to_have_text(["Loss", "Accuracy"])
    expect(output.get_by_role("checkbox", name="run 1: model")).to_be_checked()

    press(output, "Learning rate")
    expect(titles(output)).to_have_text(["Learning rate"])
    told = ["this", "run", "epoch", "4", "learning", "rate", "0.002"]  # of the model's life
    expect_told(notebook, output, TRAIN, 0, told)
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
    picture = notebook.output(LONG).locator("figure")
    picture.click()
    expect(titles(notebook.output(LONG))).to_have_text(["Loss", "Accuracy"])
    expect(picture).to_be_hidden()
    shoot(notebook.cell(LONG), "-clicked")
    output = notebook.output(CHART)
    expect(titles(output)).to_have_text(["Loss", "Accuracy"])
    last = notebook.ask("print(f'{history.val_loss[-1]:.4f}')")
    expect(output.locator(".bqplot path.line").first).to_be_visible()
    told = ["validation", "epoch", "15", "loss", last]  # 3 were before
    expect_told(notebook, output, VALIDATION, -1, told)
    shoot(notebook.cell(CHART), "-hover")

    room = pytest.approx([4 / 16.32, 15 / 16.32], abs=0.03)  # dots at the edge have it
    first, end = wait_for_ends(output, TRAIN, lambda seen: seen == room)
    toggle(output, "Zoom")
    output.locator(".bqplot").first.hover()
    expect(output.locator(".bqplot").first.locator("[style*=cursor]")).not_to_have_count(0)
    for _ in range(4):
        notebook.page.mouse.wheel(0, -200)
    wait_for_ends(output, TRAIN, lambda seen: seen[1] - seen[0] > 1.5 * (end - first))
    toggle(output, "Zoom")
    shoot(notebook.cell(CHART), "-zoomed")
    output.get_by_role("button", name="Reset zoom").click()
    wait_for_ends(output, TRAIN, lambda seen: seen == pytest.approx([first, end], abs=0.01))

    other = output.get_by_role("checkbox", name="run 1: model")
    count = output.locator(".bqplot").first.locator("path.line").count()
    expect(other).to_be_checked()
    other.focus()
    notebook.page.keyboard.press("Space")
    expect(output.locator(".bqplot").first.locator("path.line")).to_have_count(count - 1)
