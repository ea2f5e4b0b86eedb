"""One game in two tabs of the browser, and one kernel behind two notebooks."""

import pytest
from browser.conftest import open_page
from browser.desk import execute, region, status
from browser.lab import Notebook
from playwright.sync_api import expect

START = "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0"
SHOP = 1


@pytest.fixture
def first(page, server):
    server.write("two.ipynb", ["pass", "%shop"])
    yield Notebook(page, server, "two.ipynb")
    server.end_kernels()


def begin(notebook, team):
    """Open a team's shop and panel, and save the notebook for another tab."""
    notebook.fill(START.format(team), "%shop")
    notebook.run(0, SHOP)
    notebook.save()
    execute(notebook, "classgame:show-panel")


def card(notebook, item):
    name = notebook.page.locator(".cg-name").get_by_text(item, exact=True)
    return notebook.output(SHOP).locator(".cg-card").filter(has=name)


def expect_bought(notebook, left):
    expect(notebook.output(SHOP).locator(".cg-left")).to_have_text(f"{left} B NN left")
    expect(card(notebook, "Flip trick")).to_contain_text("✓ owned")
    expect(status(notebook)).to_contain_text(f"{left} B NN")
    expect(region(notebook).get_by_role("region", name="Owned")).to_contain_text("Flip trick")


def test_what_is_bought_in_one_tab_is_seen_in_the_other(first, browser, server, shoot):
    begin(first, "tabs")
    with open_page(browser) as page:
        second = Notebook(page, server, "two.ipynb")
        execute(second, "classgame:show-panel")
        expect(status(second)).to_contain_text("100 B NN")
        card(first, "Flip trick").get_by_role("button", name="Buy", exact=True).click()
        expect_bought(second, 90)
        expect_bought(first, 90)
        card(second, "Foggy lens").get_by_role("button", name="Buy", exact=True).click()
        expect_bought(first, 85)
        expect_bought(second, 85)
        shoot(page, "-second")


def test_an_order_is_kept_though_the_newest_tab_was_closed(first, browser, server):
    begin(first, "closed-tab")
    expect(status(first)).to_contain_text("100 B NN")
    with open_page(browser) as page:
        expect(status(Notebook(page, server, "two.ipynb"))).to_contain_text("100 B NN")
    card(first, "Flip trick").get_by_role("button", name="Buy", exact=True).click()
    expect(first.output(SHOP).locator(".cg-left")).to_have_text("90 B NN left")
    keep = first.output(SHOP).get_by_role("button", name="as a %%shop cell")
    keep.click()
    said = "The order of 1 item is in a new cell below the active one."
    expect(first.output(SHOP).locator(".cg-message")).to_have_text(said)
    expect(keep).to_have_text("Kept 1 item as a %%shop cell")
    expect(first.page.locator(".jp-Notebook .jp-Cell")).to_have_count(3)
    assert "%%shop\nbuy Flip trick" in first.sources()


def test_a_tab_that_is_loaded_again_and_again_cuts_off_no_other(first, browser, server):
    begin(first, "loaded-again")
    with open_page(browser) as page:
        second = Notebook(page, server, "two.ipynb")
        for _ in range(4):
            expect(status(second)).to_contain_text("100 B NN")
            second.reload()
        card(first, "Flip trick").get_by_role("button", name="Buy", exact=True).click()
        expect(status(second)).to_contain_text("90 B NN")
        expect_bought(first, 90)
    known = first.ask(
        "from jupyter_classgame.widgets.comm import comm_link\nprint(len(comm_link.link._comms))"
    )
    assert 2 <= int(known) < 6  # and pages that are gone are not told for ever


def test_of_two_notebooks_on_a_kernel_the_second_takes_over(first):
    page = first.page
    first.fill(START.format("heirs"), "%shop")
    first.run(0)
    execute(first, "classgame:show-panel")
    first.ask("game.buy('flip-trick')")
    first.save()
    first.server.write("heir.ipynb", ["pass"])
    second = """async (path) => {
        const of = (path) => [...jupyterapp.shell.widgets('main')].find(
            w => w.context?.path === path
        );
        const {id} = of(path).sessionContext.session.kernel;
        const panel = await jupyterapp.commands.execute(
            'docmanager:open', {path: 'heir.ipynb', kernel: {id}}
        );
        await panel.sessionContext.ready;
    }"""
    page.evaluate(second, first.name)
    heir = first.beside("heir.ipynb")

    def sources():
        return [book.sources() for book in (first, heir) if book.panel("panel => !!panel")]

    recipe = first.ask("print(game.recipe('flip-trick'))")
    button = region(first).get_by_role("button", name="Insert recipe: Flip trick")
    expect(region(first)).to_contain_text("team heirs")
    cells = page.locator("[role=tabpanel]:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    button.click()  # the second is in front
    expect(cells).to_have_count(2)
    assert recipe in sources()[1]
    assert recipe not in sources()[0]

    first.panel("panel => { panel.dispose(); }")
    expect(region(first)).to_contain_text("team heirs")
    heir.ask("game.buy('foggy-lens')")
    expect(status(first)).to_contain_text("85 B NN")
    button.click()
    expect(cells).to_have_count(3)
    assert [source.strip() for source in sources()[0]].count(recipe) == 2
    # and the last one leaves nothing behind
    heir.panel("panel => { panel.dispose(); }")
    expect(region(first)).to_contain_text("No game is played in this notebook")
