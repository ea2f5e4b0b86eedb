"""A run in JupyterLab: the chart that grows while the cell is busy, and what it leaves."""

import re

import pytest
from browser.lab import SLOW, from_epoch, until
from helpers.ipython.cells import BROKEN_MODEL
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0",
    "%shop",
    SLOW,
    "%train --epochs 600",
    "%train --epochs 2",
    "game.histories[0].chart()",
    "%evaluate",
    "h = %train --epochs 600 --background",
    """\
from pathlib import Path

while not Path("paused").exists():  # until it was seen
    time.sleep(0.01)
history.resume()
print("resumed")""",
    BROKEN_MODEL.format(30) + "h = %train net opt --epochs 9 --background --practice",
    """\
decayed = torch.optim.SGD(model.parameters(), lr=0.003, weight_decay=0.001)
%train model decayed --epochs 1""",
)
SHOP, SETUP, LONG, SHORT, CHART, EVALUATE, BACKGROUND, SLEEP, BROKEN, LACKING = range(1, 11)


@pytest.fixture
def prepare(notebook):
    """Gets everything ready for a team to train."""

    def prepare(team):
        notebook.fill(CELLS[0].format(team), *CELLS[1:])
        notebook.run(0, SHOP, SETUP)
        return notebook

    return prepare


def button(notebook, name, cell=LONG):
    return notebook.output(cell).get_by_role("button", name=name)


def stop_button(notebook):
    return button(notebook, "Stop")


def rate_field(notebook, cell=LONG):
    return notebook.output(cell).locator(".widget-text", has_text="LR").locator("input")


def wait_for_edit_marks(notebook, cell, count):
    """Wait until so many marks of edits by hand are on the page."""
    notebook.page.wait_for_function(
        """([output, count]) => [...output.querySelectorAll('.bqplot path')].filter(
            path => getComputedStyle(path).fill === 'rgb(204, 121, 167)'
        ).length === count""",
        arg=[notebook.output(cell).element_handle(), count],
    )


def theme(notebook, name):
    """Change JupyterLab's theme."""
    notebook.page.evaluate(
        "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
    )
    light = "true" if name.endswith("Light") else "false"
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", light)


def wait_for_epoch(notebook, epoch):
    """Wait until the line above the chart tells of an epoch or a later one; the cell is busy."""
    expect(notebook.output(LONG)).to_contain_text(re.compile(from_epoch(epoch)))
    assert notebook.busy(LONG)


def points(notebook, cell):
    """The corners of every curve on the page, in the order of the curves."""
    return notebook.output(cell).evaluate(
        """(output) => [...output.querySelectorAll('.bqplot path.line')]
            .map(path => (path.getAttribute('d') ?? '').split(/[ML]/).length - 1)"""
    )


def wait_for_growth(notebook, cell, before):
    """Wait until every curve on the page has more corners than before."""
    until(
        notebook.page,
        lambda: points(notebook, cell),
        lambda now: all(after > early for early, after in zip(before, now, strict=True)),
    )


def picture(notebook, cell):
    """The static picture of a run."""
    return notebook.output(cell).locator("figure img[alt^='run ']")


def expect_picture(notebook, cell, text=""):
    shown = picture(notebook, cell)
    expect(shown).to_be_visible()
    expect(shown).to_have_attribute("alt", re.compile(text))
    until(
        notebook.page,
        lambda: shown.evaluate(
            """img => img.decode().then(
                () => Math.min(img.naturalWidth, img.getBoundingClientRect().width), () => 0
            )"""
        ),
        lambda width: width > 200,
    )


def test_the_chart_grows_while_the_cell_is_busy_and_stop_keeps_what_was_trained(prepare, shoot):
    notebook = prepare("watch")
    notebook.start(LONG)
    notebook.start(SHORT)  # waits for its turn, and has it only if the first ends normally
    wait_for_epoch(notebook, 3)
    early = points(notebook, LONG)
    assert len(early) == 4  # loss and accuracy, of training and validation
    wait_for_growth(notebook, LONG, early)
    assert notebook.busy(LONG)
    shoot(notebook.cell(LONG), "-running")

    stop_button(notebook).click()
    notebook.wait(LONG)
    notebook.wait(SHORT)
    stopped, next_ = (f"game.histories[{n}]" for n in (0, 1))
    assert notebook.ask(f"print({stopped}.stopped_by)") == "user"
    assert notebook.ask(f"print({stopped}.message)").startswith("stopped in epoch ")
    assert int(notebook.ask(f"print(len({stopped}))")) >= 4
    expect(notebook.output(LONG).locator(".bqplot")).to_have_count(0)
    expect_picture(notebook, LONG, r"^run 1: model: \d+ epochs, best epoch")
    expect(notebook.output(LONG)).to_contain_text("history.chart() shows")

    # The next run goes on from there, and the earlier one stands behind.
    assert notebook.ask(f"print({next_}.stopped_by, len({next_}))") == "epochs 2"
    losses = notebook.ask(f"print({next_}.train_loss[0] < {stopped}.train_loss[0])")
    assert losses == "True"
    expect_picture(notebook, SHORT, r"^run 2: model: 2 epochs")
    for cell, name in ((LONG, "-stopped"), (SHORT, "-next")):
        shoot(notebook.cell(cell), name)


def test_the_shop_answers_while_a_run_goes_on(prepare):
    notebook = prepare("busy")
    notebook.start(LONG)
    wait_for_epoch(notebook, 2)
    shop = notebook.output(SHOP)
    flip = shop.locator(".cg-card").filter(has_text="Flip trick")
    flip.get_by_role("button", name="Buy").click()
    expect(shop.locator(".cg-left")).to_have_text("90 B NN left")
    assert notebook.busy(LONG)
    flip.get_by_role("button", name="Details").click()
    expect(flip.get_by_role("heading", name="When it hurts")).to_be_visible()
    assert notebook.busy(LONG)
    stop_button(notebook).click()
    notebook.wait(LONG)
    assert notebook.ask("print(game.balance, history.stopped_by)") == "90.0 user"


def wait_for_rest(notebook, cell):
    """Wait until a paused run's output does not change for longer than an epoch takes."""

    def twice():
        texts = []
        for pause in (1500, 0):
            texts.append(notebook.output(cell).inner_text())
            notebook.page.wait_for_timeout(pause)
        return texts

    first, _ = until(notebook.page, twice, lambda texts: texts[0] == texts[1])
    assert "paused · epoch" in first


def test_a_run_is_in_hand_while_its_cell_is_busy(prepare, shoot):
    notebook = prepare("hand")
    notebook.start(LONG)
    wait_for_epoch(notebook, 2)

    button(notebook, "Pause").click()
    expect(button(notebook, "Resume")).to_be_visible()
    expect(notebook.output(LONG)).to_contain_text("paused · epoch")
    wait_for_rest(notebook, LONG)
    button(notebook, "Resume").click()
    expect(button(notebook, "Pause")).to_be_visible()
    expect(notebook.output(LONG)).not_to_contain_text("paused · epoch")

    field = rate_field(notebook)
    expect(field).to_have_attribute("placeholder", "0.003")
    field.fill("fast")
    field.press("Enter")
    expect(notebook.output(LONG)).to_contain_text("fast: a number, 0 or more, is needed")
    shoot(notebook.cell(LONG), "-refused")
    field.fill("0.001")
    field.press("Enter")
    expect(field).to_have_attribute("placeholder", "0.001")
    expect(field).to_have_value("")
    expect(notebook.output(LONG)).not_to_contain_text("is needed")
    expect(notebook.output(LONG)).to_contain_text("epochs: lr 0.003 → 0.001")
    expect(notebook.output(LONG)).to_contain_text("edited by hand")
    wait_for_edit_marks(notebook, LONG, 2)  # one on the loss, one on the accuracy
    assert notebook.busy(LONG)
    for name in ("JupyterLab Light", "JupyterLab Dark"):
        theme(notebook, name)
        shoot(notebook.cell(LONG), f"-{name.split()[1].lower()}")

    stop_button(notebook).click()
    notebook.wait(LONG)
    assert notebook.ask("print([what for _, what in history.edits])") == "['lr 0.003 → 0.001']"
    assert notebook.ask("print(history.stopped_by)") == "user"
    assert notebook.ask('print(optimizer.param_groups[0]["lr"])') == "0.001"
    expect_picture(notebook, LONG, "lr 0.003 → 0.001 by hand")
    shoot(notebook.cell(LONG), "-stopped-dark")
    theme(notebook, "JupyterLab Light")


def test_a_run_in_the_background_stays_in_its_cell(prepare, shoot):
    notebook = prepare("background")
    notebook.start(BACKGROUND)
    notebook.wait(BACKGROUND)
    expect(notebook.output(BACKGROUND)).to_contain_text(re.compile(from_epoch(2)))
    paused = notebook.server.root / "paused"
    paused.unlink(missing_ok=True)
    notebook.start(SLEEP)  # another cell keeps the kernel busy
    button(notebook, "Pause", BACKGROUND).click()
    expect(notebook.output(BACKGROUND)).to_contain_text("paused · epoch")
    assert notebook.busy(SLEEP)
    paused.touch()
    notebook.wait(SLEEP)  # and resumes the run
    expect(button(notebook, "Pause", BACKGROUND)).to_be_visible()
    field = rate_field(notebook, BACKGROUND)
    field.fill("0.001")
    field.press("Enter")
    expect(notebook.output(BACKGROUND)).to_contain_text("epochs: lr 0.003 → 0.001")
    shoot(notebook.cell(BACKGROUND), "-running")
    button(notebook, "Stop", BACKGROUND).click()
    expect_picture(notebook, BACKGROUND, "lr 0.003 → 0.001 by hand")
    expect(notebook.output(SLEEP)).to_have_text("resumed")
    assert notebook.ask("print(history.stopped_by)") == "user"


def test_an_error_in_the_background_is_told_in_its_cell(prepare, shoot):
    notebook = prepare("broken")
    notebook.start(BROKEN)
    notebook.wait(BROKEN)
    expect(notebook.output(BROKEN)).to_contain_text("ValueError: my own mistake")
    expect(notebook.output(BROKEN)).to_contain_text("was ended by an error, which history.wait()")
    expect(notebook.output(BROKEN)).not_to_contain_text("jupyter_classgame")
    shoot(notebook.cell(BROKEN))


def test_the_buttons_of_the_front_end_interrupt_a_run(prepare):
    notebook = prepare("interrupt")
    notebook.start(LONG)
    wait_for_epoch(notebook, 2)
    notebook.page.evaluate("() => void jupyterapp.commands.execute('notebook:interrupt-kernel')")
    notebook.wait(LONG)
    expect(notebook.output(LONG)).to_contain_text("Interrupted: stopped in epoch")
    expect(notebook.output(LONG)).not_to_contain_text("Traceback")
    expect_picture(notebook, LONG, "^run 1")
    assert notebook.ask("print(history.stopped_by)") == "user"


def test_all_is_there_after_a_reload(prepare, shoot):
    notebook = prepare("reload")
    notebook.run(SHORT, CHART, EVALUATE)
    expect(notebook.output(CHART).locator(".bqplot")).to_have_count(2)
    notebook.save()
    notebook.reload()

    expect_picture(notebook, SHORT, r"^run 1: model: 2 epochs")
    expect(notebook.output(CHART).locator(".bqplot")).to_have_count(2)
    expect(notebook.output(CHART).locator(".bqplot").first).to_be_visible()
    expect(notebook.output(EVALUATE).locator(".bqplot")).to_be_visible()
    shop = notebook.output(SHOP)
    shop.locator(".cg-card").filter(has_text="Flip trick").get_by_role("button", name="Buy").click()
    expect(shop.locator(".cg-left")).to_have_text("90 B NN left")
    assert notebook.ask("print(game.balance)") == "90.0"
    for cell, name in ((SHORT, "-run"), (CHART, "-chart"), (EVALUATE, "-evaluate")):
        shoot(notebook.cell(cell), name)


def wait_until_kept(notebook, cell, text):
    """Wait until the saved notebook has a text in the outputs of a cell."""

    def shown():
        notebook.save()
        saved = notebook.server.read(notebook.name).cells[cell].outputs
        return [output.get("data", {}).get("text/html", "") for output in saved]

    until(notebook.page, shown, lambda outputs: any(text in html for html in outputs))


@pytest.mark.parametrize("cell", [LONG, BACKGROUND], ids=["in_its_cell", "in_the_background"])
def test_a_page_that_is_loaded_anew_during_a_run_gets_its_picture(prepare, shoot, cell):
    notebook = prepare(f"anew{cell}")
    notebook.start(cell)
    expect(notebook.output(cell)).to_contain_text(re.compile(from_epoch(2)))
    notebook.save()
    notebook.page.reload()
    notebook.page.get_by_role("tab", name="Class game").click()
    stop = notebook.page.locator("#jp-classgame-panel").get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    stop.click()
    expect_picture(notebook, cell, "^run 1: model: .*stopped in epoch")
    wait_until_kept(notebook, cell, "stopped in epoch")
    shoot(notebook.cell(cell))
    notebook.page.get_by_role("tab", name="Class game").click()


def test_the_shop_that_is_saved_is_true_after_a_reload(prepare):
    notebook = prepare("trueshop")
    notebook.save()
    notebook.reload()
    shop = notebook.output(SHOP)
    shop.locator(".cg-card").filter(has_text="Flip trick").get_by_role("button", name="Buy").click()
    expect(shop.locator(".cg-left")).to_have_text("90 B NN left")
    wait_until_kept(notebook, SHOP, "90 B NN left")


def test_what_a_run_lacks_is_bought_from_its_card(prepare, shoot):
    notebook = prepare("card")
    notebook.start(LACKING)
    notebook.wait(LACKING)
    output = notebook.output(LACKING)
    expect(output).to_contain_text("not trained: in use and not owned: Weight decay")
    evidence = output.get_by_text("weight_decay=0.001").locator("visible=true")
    expect(evidence).to_have_count(1)  # in the live card or in its twin
    shoot(notebook.cell(LACKING), "-lacking")
    button(notebook, "Buy this", LACKING).click()
    expect(output).to_contain_text("Bought Weight decay for 20 B NN")
    expect(button(notebook, "Keep as a cell", LACKING)).to_be_visible()
    shoot(notebook.cell(LACKING), "-bought")
    owned = notebook.ask("game.buy('Drop shield'); print(game.owned)")
    assert owned == "{'drop-shield': 1, 'weight-decay': 1}"
    notebook.run(LACKING)
    expect(output).to_contain_text("Drop shield: owned, not in use")
    shoot(notebook.cell(LACKING), "-unused")
