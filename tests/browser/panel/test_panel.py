"""The side panel and the status bar in JupyterLab: what they tell, and what they can do."""

import re

import pytest
from browser.desk import execute, region, status
from browser.lab import SLOW, from_epoch, until
from playwright.sync_api import expect

CELLS = (
    "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0",
    "%%shop\nbuy Flip trick, Neural turbo boost x 2  # a start",
    SLOW,
    "%train --epochs 600",
    "%train --epochs 3",
)
START, ORDER, SETUP, LONG, SHORT = range(5)


@pytest.fixture
def panel(notebook):
    """Shows the panel of a team's game."""

    def show(team):
        notebook.fill(CELLS[START].format(repr(team)), *CELLS[1:])
        notebook.run(START)
        execute(notebook, "classgame:show-panel")
        panel = region(notebook)
        expect(panel).to_contain_text(f"team {team}")
        return panel

    return show


def theme(notebook, name):
    notebook.page.evaluate(
        "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
    )
    light = "true" if name.endswith("Light") else "false"
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    expect(notebook.page.locator("#jupyterlab-splash")).to_have_count(0)


def test_what_is_bought_shows_in_the_status_bar_and_in_the_panel(panel, notebook):
    shown = panel("spends")
    expect(status(notebook)).to_have_text(re.compile("100 B NN$"))
    expect(shown).to_contain_text("Nothing yet; %shop shows what there is.")
    notebook.run(ORDER)
    expect(status(notebook)).to_have_text(re.compile("50 B NN$"))
    expect(shown.get_by_role("meter")).to_have_attribute("aria-valuenow", "50")
    items = shown.get_by_role("region", name="Owned").get_by_role("listitem")
    expect(items).to_have_count(2)
    expect(items.nth(1)).to_contain_text("Neural turbo boost × 2")  # noqa: RUF001
    notebook.ask("game.return_('flip-trick')")
    expect(status(notebook)).to_have_text(re.compile("60 B NN$"))


def test_a_recipe_becomes_a_cell_by_key(panel, notebook):
    shown = panel("recipe keys")
    notebook.run(ORDER)
    button = shown.get_by_role("button", name="Insert recipe: Flip trick")
    button.focus()
    notebook.page.keyboard.press("Enter")
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(CELLS) + 1)
    recipe = notebook.ask("print(game.recipe('flip-trick'))")
    assert notebook.sources()[ORDER + 1].strip() == recipe


def test_a_run_is_shown_while_the_cell_runs_and_obeys_the_panel(panel, notebook, shoot):
    shown = panel("steers")
    notebook.run(ORDER, SETUP, SHORT)
    notebook.start(LONG)
    run = shown.get_by_role("region", name="run 2: model")
    expect(run).to_contain_text(re.compile(from_epoch(2)))
    expect(status(notebook)).to_contain_text(re.compile(r"epoch \d+ of 600"))
    assert notebook.busy(LONG)
    expect(run.locator("svg path")).to_have_attribute("d", re.compile("L"))

    run.get_by_role("button", name="Pause").click()
    expect(run).to_contain_text("paused")
    expect(status(notebook)).to_contain_text("paused")
    assert notebook.busy(LONG)
    shoot(notebook.page, "-paused")
    theme(notebook, "JupyterLab Dark")
    shoot(notebook.page, "-dark")
    theme(notebook, "JupyterLab Light")
    run.get_by_role("button", name="Resume").click()
    expect(run).not_to_contain_text("paused")
    shoot(notebook.page, "-running")

    run.get_by_role("button", name="Stop").click()
    notebook.wait(LONG)
    expect(run).to_contain_text("finished")
    expect(run.get_by_role("button")).to_have_count(0)
    expect(status(notebook)).to_have_text(re.compile("50 B NN$"))
    assert notebook.ask("print(history.stopped_by)") == "user"
    expect(shown.get_by_role("region", name="Runs, best first")).to_contain_text("run 1: model")
    expect(shown.get_by_role("region", name="Last verdict")).to_be_visible()


def test_a_reload_while_a_cell_runs_brings_the_panel_back(panel, notebook):
    panel("reloads")
    notebook.run(ORDER, SETUP)
    notebook.save()
    notebook.start(LONG)
    run = region(notebook).get_by_role("region", name="run 1: model")
    expect(run).to_contain_text(re.compile(from_epoch(1)))
    notebook.page.reload()
    expect(region(notebook)).to_be_visible()
    expect(run).to_contain_text(re.compile(r"epoch \d+ of 600"))
    expect(status(notebook)).to_contain_text("50 B NN")
    run.get_by_role("button", name="Stop").click()
    expect(run).to_contain_text("finished")
    assert notebook.ask("print(history.stopped_by, len(history) < 600)") == "user True"


def test_a_restarted_kernel_has_no_game_until_it_is_started_again(panel, notebook):
    shown = panel("restarts")
    notebook.run(ORDER)
    expect(status(notebook)).to_contain_text("50 B NN")
    notebook.panel("({sessionContext}) => sessionContext.session.kernel.restart()")
    expect(shown).to_contain_text("No game is played in this notebook")
    expect(status(notebook)).to_be_hidden()
    notebook.run(START)
    expect(status(notebook)).to_contain_text("50 B NN")
    expect(shown).to_contain_text("Flip trick")


def test_the_panel_is_that_of_the_notebook_in_use(panel, notebook):
    shown = panel("here")
    notebook.server.write("other.ipynb", [CELLS[START].format("there")])
    notebook.page.evaluate(
        """async () => {
            const panel = await jupyterapp.commands.execute(
                'docmanager:open', {path: 'other.ipynb', kernel: {name: 'python3'}}
            );
            await panel.sessionContext.ready;
        }"""
    )
    expect(shown).to_contain_text("No game is played in this notebook")
    notebook.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(shown).to_contain_text("team there")
    notebook.panel("panel => jupyterapp.shell.activateById(panel.id)")
    expect(shown).to_contain_text("team here")
    notebook.page.evaluate(
        """() => [...jupyterapp.shell.widgets('main')].find(
            w => w.context?.path === 'other.ipynb'
        ).dispose()"""
    )


def test_names_and_forged_messages_do_no_harm(panel, notebook):
    panel("<img src=x onerror=window.caught=2>")
    page = notebook.page
    assert page.locator(".jp-Classgame-panel img").count() == 0
    assert page.evaluate("() => window.caught") is None
    notebook.ask(
        "from jupyter_classgame.widgets.comm import comm_link\n"
        "for channel in comm_link.link._comms:\n"
        "    channel.send({'version': comm.VERSION, 'type': 'state', 'game': {'balance': '<b>'}})"
    )
    notebook.run(ORDER)
    expect(status(notebook)).to_contain_text("50 B NN")


def test_the_palette_knows_the_commands(panel, notebook):
    panel("commands")
    notebook.panel("({content}) => { content.activeCellIndex = 0; }")
    execute(notebook, "classgame:open-shop")
    assert notebook.sources()[1] == "%shop"
    expect(notebook.page.locator(".jp-InputPrompt").nth(1)).to_have_text("[ ]:")
    assert not notebook.page.evaluate("() => jupyterapp.commands.isEnabled('classgame:stop-run')")
    notebook.run(ORDER + 1)
    expect(status(notebook)).to_contain_text("50 B NN")
    execute_later = "() => void jupyterapp.commands.execute('classgame:insert-recipe')"
    notebook.page.evaluate(execute_later)
    dialog = notebook.page.locator(".jp-Dialog")
    dialog.locator("select").select_option("Neural turbo boost")
    dialog.get_by_role("button", name="Insert").click()
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(CELLS) + 2)
    notebook.page.keyboard.press("Control+Shift+C")
    palette = notebook.page.locator(".lm-CommandPalette")
    palette.locator("input").fill("class game")
    expect(palette).to_contain_text("Show the Class Game")
    notebook.page.keyboard.press("Escape")


def test_an_order_is_shown_as_one_and_not_as_python(panel, notebook):
    panel("colours")
    editor = notebook.cell(ORDER).locator(".cm-editor")
    expect(editor).to_have_class(re.compile("jp-Classgame-order"))
    python = notebook.cell(SETUP).locator(".cm-editor")
    expect(python).not_to_have_class(re.compile("jp-Classgame-order"))
    colour = """(line, word) => {
        const token = [...line.querySelectorAll('.cm-line span')].find(
            span => span.textContent === word
        );
        return token && getComputedStyle(token).color;
    }"""

    def wait_for_colour(cell, word, right):  # an editor colours what it has when it gets to it
        return until(notebook.page, lambda: cell.evaluate(colour, word), right)

    keyword = wait_for_colour(python, "import", bool)
    assert wait_for_colour(editor, "buy", bool) == keyword
    assert wait_for_colour(editor, "x 2", bool) != keyword
    assert wait_for_colour(editor, "# a start", bool) != keyword
    # what becomes of it when it is edited
    notebook.panel(
        "({content}, i) => content.model.cells.get(i).sharedModel.setSource('import time')", ORDER
    )
    expect(editor).not_to_have_class(re.compile("jp-Classgame-order"))
    wait_for_colour(editor, "import", lambda seen: seen == keyword)
