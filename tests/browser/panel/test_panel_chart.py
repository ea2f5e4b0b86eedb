"""The chart in the side panel: runs side by side, read and zoomed by pointer and by key."""

import json
import re

import pytest
from browser.lab import SLOW, until
from browser.panel.test_panel import execute, region, theme
from playwright.sync_api import expect

START = "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0"
QUICK = SLOW.replace("time.sleep(0.03)", "pass")
FIRST = "%train --epochs 6"
SECOND = """\
model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.03)
%train --epochs 4"""
STILL = """\
optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
%train --epochs 2 --force"""
LONG = "%train --epochs 600"
"""Beside SLOW, long enough to look at and to be edited by hand."""
HELD = """
import os
from jupyter_classgame.events import RunStarted

def hold(image):
    while begun and not os.path.exists("seen"):
        time.sleep(0.01)
    return slowly(image)

begun = []
game.events.subscribe(lambda event: begun.append(event) if isinstance(event, RunStarted) else None)
train_loader = game.loader("train", batch_size=4, transform=hold)"""
"""Beside SLOW, keeps a run in its first epoch until there is a file of this name."""


@pytest.fixture
def begin(notebook):
    """Starts a team's game with the panel in sight, and runs cells."""

    def begin(team, *cells):
        notebook.fill(START.format(repr(team)), *cells)
        notebook.run(0)
        execute(notebook, "classgame:show-panel")
        panel = region(notebook)
        expect(panel).to_contain_text(f"team {team}")
        notebook.run(*range(1, len(cells) + 1))
        return panel

    return begin


ACCURACIES = ("val_acc", "train_acc")
LOSSES = ("val_loss", "train_loss")

CONTRAST = """element => {
    const light = colour => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => {
            const share = part / 255;
            return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const {stroke, fill} = getComputedStyle(element);
    const panel = getComputedStyle(element.closest('.jp-Classgame-panel'));
    const pair = [stroke === 'none' ? fill : stroke, panel.backgroundColor].map(light);
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}"""
"""How much a line or a text stands out from the panel's background."""


def chart_of(panel):
    return panel.get_by_role("region", name="Chart")


def plot_of(panel):
    return chart_of(panel).get_by_role("application")


def curves_of(panel):
    return plot_of(panel).locator("[data-curve] path[d^=M]")


def tick(panel, run):
    return panel.get_by_role("checkbox", name=re.compile(f"^Chart run {run}: "))


def choose(panel, name):
    panel.get_by_role("radio", name=name).check()


def histories(notebook):
    """The numbers of all runs, as the kernel has them."""
    return json.loads(
        notebook.ask(
            "import json\n"
            "print(json.dumps([{name: getattr(h, name) for name in ('run', 'train_loss', "
            "'val_loss', 'train_acc', 'val_acc', 'lr', 'edits')} for h in game.histories]))"
        )
    )


def point_at(panel, share):
    """Move the pointer over the plot, to a share of the way from the first epoch to the last."""
    box = plot_of(panel).bounding_box()
    x = box["x"] + 44 + share * (box["width"] - 52)
    panel.page.mouse.move(x, box["y"] + 0.5 * box["height"])


def written(value, rate=False):
    """A value as the chart writes it."""
    return f"{value:.4g}" if rate else f"{round(value, 4):.4f}"


def legend(panel):
    """What the legend says: its heading, and name and values of each run."""
    rows = chart_of(panel).get_by_role("row")
    return [row.split("\t") for row in rows.all_inner_texts()]


def wait_for_legend(panel, head, *values):
    """Wait until the legend has this heading, and these values of each run."""

    def said():
        (seen, *_), *rows = legend(panel)
        return [seen, *(row[1:] for row in rows)]

    until(panel.page, said, lambda seen: seen == [head, *values])


def tick_both(panel):
    """Add the first run to the second, once that one is told of and drawn by default."""
    expect(chart_of(panel).get_by_role("rowheader", name="run 2: model")).to_be_visible()
    tick(panel, 1).check()
    expect(chart_of(panel).get_by_role("rowheader")).to_have_count(2)


@pytest.fixture
def two(begin):
    """A panel with two runs in its chart, of six epochs and of four."""

    def two(team):
        panel = begin(team, QUICK, FIRST, SECOND)
        tick_both(panel)
        expect(curves_of(panel)).to_have_count(4)
        return panel

    return two


def test_runs_are_compared_by_ticking_them(two, notebook, shoot):
    shown = two("compares")
    for run in (1, 2):
        expect(tick(shown, run)).to_be_checked()
    head, *rows = legend(shown)
    assert head == ["last epoch", "validation", "training"]
    first, second = histories(notebook)
    for row, history in zip(rows, (first, second), strict=True):
        assert row[0].strip() == f"run {history['run']}: model"
        assert row[1:] == [written(history[name][-1]) for name in ACCURACIES]
    styles = """(path) => {
        const {stroke, strokeDasharray} = getComputedStyle(path);
        return [stroke, strokeDasharray];
    }"""
    samples = chart_of(shown).locator("tbody th path")
    drawn = [plot_of(shown).locator(f"[data-run='{run}'] path").first for run in (1, 2)]
    looks = [path.evaluate(styles) for path in drawn]
    assert [samples.nth(index).evaluate(styles) for index in range(2)] == looks
    assert looks[0][0] != looks[1][0]
    assert looks[0][1] != looks[1][1]
    shoot(shown)
    tick(shown, 2).uncheck()
    expect(curves_of(shown)).to_have_count(2)
    assert len(legend(shown)) == 2
    tick(shown, 1).uncheck()
    expect(plot_of(shown)).to_contain_text("Tick a run to draw it")


@pytest.mark.parametrize("light", ["Light", "Dark"])
def test_colours_stand_out_in_every_theme(two, notebook, light):
    shown = two(f"colours {light}")
    try:
        theme(notebook, f"JupyterLab {light}")
        for name in ("[data-run='1'] path", "[data-run='2'] path", ".jp-Classgame-axes text"):
            assert plot_of(shown).locator(name).first.evaluate(CONTRAST) >= 3
    finally:
        theme(notebook, "JupyterLab Light")


def test_the_pointer_reads_what_the_history_holds(two, notebook, shoot):
    shown = two("reads")
    first, second = histories(notebook)
    for radio, names in (("Accuracy", ACCURACIES), ("Loss", LOSSES), ("Learning rate", ("lr",))):
        choose(shown, radio)
        point_at(shown, 0.41)  # of epochs 1 to 6
        expect(plot_of(shown).locator(".jp-Classgame-cursor")).to_have_count(1)
        rate = radio == "Learning rate"
        values = [[written(h[name][2], rate) for name in names] for h in (first, second)]
        wait_for_legend(shown, "epoch 3", *values)
    shoot(shown, "-rates")
    point_at(shown, 1.0)  # where the second run has ended
    wait_for_legend(shown, "epoch 6", [written(first["lr"][5], rate=True)], ["–"])  # noqa: RUF001
    notebook.page.mouse.move(900, 20)
    expect(plot_of(shown).locator(".jp-Classgame-cursor")).to_have_count(0)
    rates = [[written(history["lr"][-1], rate=True)] for history in (first, second)]
    wait_for_legend(shown, "last epoch", *rates)


def test_the_chart_is_read_and_zoomed_by_key(two, notebook):
    shown = two("keys")
    choose(shown, "Loss")
    keyboard = notebook.page.keyboard
    keyboard.press("ArrowLeft")  # the radio buttons are one stop, and arrows go along them
    expect(shown.get_by_role("radio", name="Accuracy")).to_be_checked()
    keyboard.press("Tab")
    expect(plot_of(shown)).to_be_focused()
    first, second = histories(notebook)
    spoken = chart_of(shown).get_by_role("status")
    keyboard.press("ArrowRight")
    expect(spoken).to_contain_text("Epoch 1; run 1: model: validation")
    keyboard.press("ArrowRight")
    expect(spoken).to_have_text(
        "Epoch 2; "
        + "; ".join(
            f"run {history['run']}: model: validation {written(history['val_acc'][1])}, "
            f"training {written(history['train_acc'][1])}"
            for history in (first, second)
        )
    )
    keyboard.press("+")
    expect(chart_of(shown)).to_contain_text("epochs 2 to 4 of 6")
    keyboard.press("End")
    expect(spoken).to_contain_text("Epoch 6")
    expect(chart_of(shown)).to_contain_text("epochs 4 to 6 of 6")
    keyboard.press("-")
    keyboard.press("-")
    expect(chart_of(shown)).not_to_contain_text("of 6")
    keyboard.press("Escape")
    expect(spoken).to_have_text("")
    shown.get_by_role("button", name="Zoom in").press("Enter")
    expect(chart_of(shown)).to_contain_text("of 6")
    shown.get_by_role("button", name="Show all epochs").press("Enter")
    expect(chart_of(shown)).to_contain_text("Drag over the chart to zoom")


def test_dragging_zooms_and_a_double_click_goes_back(two, notebook, shoot):
    shown = two("zooms")
    ticks = plot_of(shown).locator(".jp-Classgame-axes text[text-anchor=middle]")
    assert ticks.all_text_contents() == ["1", "2", "3", "4", "5", "6"]
    mouse = notebook.page.mouse
    point_at(shown, 0.22)
    mouse.down()
    point_at(shown, 0.4)
    point_at(shown, 0.58)
    expect(plot_of(shown).locator(".jp-Classgame-drag")).to_have_count(1)
    shoot(shown, "-dragged")
    mouse.up()
    expect(chart_of(shown)).to_contain_text("epochs 2 to 4 of 6")
    assert [text for text in ticks.all_text_contents() if "." not in text] == ["2", "3", "4"]
    point_at(shown, 0.5)
    until(notebook.page, lambda: legend(shown)[0][0], lambda head: head == "epoch 3")
    shoot(shown, "-zoomed")
    box = plot_of(shown).bounding_box()
    mouse.dblclick(box["x"] + 100, box["y"] + 50)
    expect(ticks).to_have_text(["1", "2", "3", "4", "5", "6"])


def test_a_logarithmic_axis_for_losses_and_learning_rates(begin, notebook, shoot):
    shown = begin("logs", QUICK, FIRST, SECOND, STILL)
    expect(chart_of(shown).get_by_role("rowheader", name="run 3: model")).to_be_visible()
    for run in (1, 2):
        tick(shown, run).check()
    log = shown.get_by_role("checkbox", name="log scale")
    expect(log).to_be_disabled()
    choose(shown, "Learning rate")
    expect(curves_of(shown)).to_have_count(3)
    log.check()
    expect(curves_of(shown)).to_have_count(2)
    expect(chart_of(shown)).to_contain_text("2 values not above 0 left out")
    labels = plot_of(shown).locator(".jp-Classgame-axes text[text-anchor=end]")
    at = {text.text_content(): float(text.get_attribute("y")) for text in labels.all()}
    assert at["0.005"] - at["0.01"] == pytest.approx(at["0.01"] - at["0.02"], abs=0.3)
    shoot(shown, "-shown")
    choose(shown, "Accuracy")
    expect(log).not_to_be_checked()


def test_a_run_under_way_grows_and_its_edits_by_hand_are_marked(begin, notebook, shoot):
    seen = notebook.server.root / "seen"
    seen.unlink(missing_ok=True)
    shown = begin("edits", SLOW + HELD)
    notebook.fill(START, LONG)
    notebook.start(1)
    expect(plot_of(shown)).to_contain_text("No epoch is over yet")
    seen.touch()
    line = plot_of(shown).locator("[data-curve=validation] path")
    expect(line).to_have_attribute("d", re.compile("(L.*){3}"))
    assert notebook.busy(1)
    rate = notebook.output(1).locator(".widget-text", has_text="LR").locator("input")
    rate.fill("0.001")
    rate.press("Enter")
    marks = plot_of(shown).get_by_role("img", name="Edit by hand: run 1: model, after")
    expect(marks).to_have_count(1)
    assert notebook.busy(1)
    shown.get_by_role("button", name="Stop").click()
    notebook.wait(1)
    (history,) = histories(notebook)
    ((epoch, what),) = history["edits"]
    assert what == "lr 0.003 → 0.001"
    expect(line).to_have_attribute("d", re.compile(f"^M[^L]+(L[^L]+){{{len(history['lr']) - 1}}}$"))
    said = f"run 1: model, after {round(epoch, 2):g} epochs: {what}"
    marks.hover()
    expect(chart_of(shown)).to_contain_text(f"▲ {said}")
    notebook.page.mouse.move(900, 20)
    expect(chart_of(shown)).not_to_contain_text("▲")
    marks.focus()
    expect(chart_of(shown)).to_contain_text(f"▲ {said}")
    shoot(shown, "-light")
    theme(notebook, "JupyterLab Dark")
    shoot(shown, "-dark")
    theme(notebook, "JupyterLab Light")
    choose(shown, "Learning rate")
    shoot(shown, "-rates")


def test_a_reload_while_a_cell_runs_brings_the_chart_back(begin, notebook):
    begin("chart reloads", SLOW)
    notebook.fill(START, LONG)
    notebook.save()
    notebook.start(1)
    shown = region(notebook)
    expect(curves_of(shown)).to_have_count(2)
    notebook.page.reload()
    expect(curves_of(shown)).to_have_count(2)
    expect(shown).to_contain_text(re.compile(r"epoch \d+ of 600"))
    shown.get_by_role("button", name="Stop").click()
    expect(shown).to_contain_text("finished")
    notebook.wait(1)


COUNT = """\
from jupyter_classgame.widgets.comm import comm_link
asked, heard = [], comm_link.link.listener
def listen(message, channel):
    asked.append(message['type'])
    heard(message, channel)
comm_link.link.listener = listen"""


def test_numbers_are_asked_for_only_while_the_chart_is_in_sight(begin, notebook):
    shown = begin("folds", SLOW)
    notebook.fill(START, f"{LONG} --background")
    notebook.ask(COUNT)
    count = "print(asked.count('curves'))"
    try:
        notebook.run(1)
        line = plot_of(shown).locator("[data-curve=validation] path")
        expect(line).to_have_attribute("d", re.compile("(L.*){3}"))
        assert int(notebook.ask(count)) <= len(histories_under_way(notebook)) + 1
        card = shown.get_by_role("region", name="run 1: model")

        def two_epochs_on():
            def epoch():
                return int(re.search(r"epoch (\d+) of", card.inner_text())[1])

            begun = epoch()
            until(notebook.page, epoch, lambda now: now >= begun + 2)

        fold = shown.get_by_role("button", name="Chart")
        fold.press("Enter")
        expect(fold).to_have_attribute("aria-expanded", "false")
        expect(plot_of(shown)).to_have_count(0)
        asked = notebook.ask(count)
        two_epochs_on()
        assert notebook.ask(count) == asked
        fold.press("Enter")
        expect(curves_of(shown)).to_have_count(2)
        execute(notebook, "application:toggle-left-area")
        expect(shown).to_be_hidden()
        asked = notebook.ask(count)
        epochs = len(histories_under_way(notebook))
        until(
            notebook.page,
            lambda: len(histories_under_way(notebook)),
            lambda now: now >= epochs + 2,
        )
        assert notebook.ask(count) == asked
        execute(notebook, "classgame:show-panel")
        expect(curves_of(shown)).to_have_count(2)
    finally:
        notebook.ask("comm_link.link.listener = heard\nhistory.stop()\nhistory.wait()")


def histories_under_way(notebook):
    """The validation accuracies of the run in the background."""
    return json.loads(notebook.ask("print(history.val_acc)"))


def test_the_chart_is_that_of_the_notebook_in_front(two, notebook):
    shown = two("chart here")
    cells = [START.format("'chart there'"), QUICK, "%train --epochs 2"]
    notebook.server.write("chart.ipynb", cells)
    notebook.page.evaluate(
        """async () => {
            const panel = await jupyterapp.commands.execute(
                'docmanager:open', {path: 'chart.ipynb', kernel: {name: 'python3'}}
            );
            await panel.sessionContext.ready;
        }"""
    )
    notebook.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(shown).to_contain_text("team chart there")
    expect(curves_of(shown)).to_have_count(2)
    assert [row[0].strip() for row in legend(shown)] == ["last epoch", "run 1: model"]
    notebook.panel("panel => jupyterapp.shell.activateById(panel.id)")
    expect(shown).to_contain_text("team chart here")
    expect(curves_of(shown)).to_have_count(4)
    notebook.page.evaluate(
        """() => [...jupyterapp.shell.widgets('main')].find(
            w => w.context?.path === 'chart.ipynb'
        ).dispose()"""
    )


STRANGE = """\
from jupyter_classgame.events import EpochEnded, HandEdited, RunStarted
from jupyter_classgame.widgets.comm import comm_link
game.events.publish(RunStarted(7, {words!r}, 4, 1, 0, "cpu"))
for epoch in (1, 2):
    game.events.publish(EpochEnded(7, epoch, 4, 1.0, 0.5, 1.0, 0.5, 0.1, 1.0, 1.0))
game.events.publish(HandEdited(7, 1.5, {words!r}))"""

FORGED = """\
pair = [[1, 0.9], [2, 0.1]]
names = ("train_loss", "val_loss", "train_acc", "val_acc", "lr")
told = dict(pack=game.pack.name, run=7, curves=dict.fromkeys(names, pair), edits=[])
for channel in comm_link.link._comms:
    for team in (game.team, "another"):
        comm_link.link.send_curves(dict(told, team=team), channel)"""


def test_words_of_a_run_are_text_and_forged_numbers_change_nothing(begin, notebook):
    words = "<img src=x onerror=window.caught=3>\u202e\u05e9\u05dc\u05d5\u05dd"
    shown = begin("chart words")
    notebook.ask(STRANGE.format(words=words))
    mark = plot_of(shown).get_by_role("img", name=f": {words}")
    mark.hover()
    expect(chart_of(shown)).to_contain_text(f"▲ {words}, after 1.5 epochs: {words}")
    expect(chart_of(shown).get_by_role("rowheader", name=words)).to_be_visible()
    assert shown.locator("img").count() == 0
    before = curves_of(shown).evaluate_all("paths => paths.map(path => path.outerHTML)")
    with notebook.page.expect_console_message(lambda said: "nobody asked" in said.text):
        notebook.ask(FORGED)
    assert curves_of(shown).evaluate_all("paths => paths.map(path => path.outerHTML)") == before
    assert notebook.page.evaluate("() => window.caught") is None


def test_runs_of_a_kernel_that_is_gone_are_compared_too(two, notebook):
    shown = two("chart restarts")
    notebook.panel("({sessionContext}) => sessionContext.session.kernel.restart()")
    expect(shown).to_contain_text("No game is played in this notebook")
    notebook.run(0)
    expect(tick(shown, 1)).to_be_enabled()
    expect(curves_of(shown)).to_have_count(4)
    notebook.run(1, 2)
    expect(chart_of(shown).get_by_role("rowheader", name="run 3: model")).to_be_visible()
    expect(curves_of(shown)).to_have_count(4)  # the newest, and the first, which was ticked
