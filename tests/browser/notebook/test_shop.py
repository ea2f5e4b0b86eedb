"""The shop in JupyterLab: what a player clicks, and what comes of it."""

import json

import pytest
from browser.lab import until
from playwright.sync_api import expect

START = "%load_ext jupyter_classgame\n%classgame new insects --team {} --image-size 16 --seed 0"


@pytest.fixture
def shop(notebook):
    """Gives a team a shop, in the notebook's second cell."""

    def shop(team, *cells):
        notebook.fill(START.format(team), "%shop", *cells)
        notebook.run(0, 1)
        expect(left(notebook)).to_have_text("100 B NN left")
        return notebook

    return shop


def left(notebook):
    return notebook.output(1).locator(".cg-left")


def message(notebook):
    return notebook.output(1).locator(".cg-message")


def card(notebook, item):
    name = notebook.page.locator(".cg-name").get_by_text(item, exact=True)
    return notebook.output(1).locator(".cg-card").filter(has=name)


def button(notebook, item, label):
    return card(notebook, item).get_by_role("button", name=label, exact=True)


def set_pause(notebook, seconds):
    """Set how long a card ignores clicks, as a slow machine takes its time between two."""
    notebook.ask(f"from jupyter_classgame.widgets.shop import counter\ncounter.PAUSE = {seconds}")


def after_a_moment(notebook):
    """Be a person who has read the answer: a click now is no double click."""
    set_pause(notebook, 0.0)


def hurry(notebook):
    """Be a person whose next clicks on a card follow each other at once."""
    set_pause(notebook, 600.0)


def wait_for_clicks(notebook, item="Weight decay"):
    """Wait until all clicks are through: one on another item's details is answered after them."""
    button(notebook, item, "Details").click()
    expect(button(notebook, item, "Copy to a new cell")).to_be_visible()


def test_a_click_buys_and_a_click_returns(shop):
    notebook = shop("clicks")
    button(notebook, "Flip trick", "Buy").click()
    expect(left(notebook)).to_have_text("90 B NN left")
    expect(message(notebook)).to_have_text("Bought Flip trick for 10 B NN. 90 B NN left.")
    expect(card(notebook, "Flip trick")).to_contain_text("✓ owned")
    expect(button(notebook, "Flip trick", "Buy")).to_be_hidden()
    assert notebook.ask("print(game.balance, game.owned)") == "90.0 {'flip-trick': 1}"

    after_a_moment(notebook)
    button(notebook, "Flip trick", "Return").click()
    expect(left(notebook)).to_have_text("100 B NN left")
    expect(message(notebook)).to_have_text("Returned Flip trick, 10 B NN back. 100 B NN left.")
    expect(button(notebook, "Flip trick", "Buy")).to_be_enabled()
    expect(button(notebook, "Flip trick", "Return")).to_be_hidden()
    assert notebook.ask("print(game.balance, game.owned)") == "100.0 {}"


def test_a_repeatable_item_is_bought_one_by_one_and_returned_at_once(shop):
    notebook = shop("repeated")
    button(notebook, "Neural turbo boost", "Buy").click()
    expect(left(notebook)).to_have_text("80 B NN left")
    after_a_moment(notebook)
    button(notebook, "Neural turbo boost", "Buy one more").click()
    expect(left(notebook)).to_have_text("60 B NN left")
    expect(card(notebook, "Neural turbo boost")).to_contain_text("✓ owned × 2")  # noqa: RUF001
    after_a_moment(notebook)
    button(notebook, "Neural turbo boost", "Return all").click()
    expect(left(notebook)).to_have_text("100 B NN left")
    assert notebook.ask("print(game.owned)") == "{}"


@pytest.mark.parametrize(
    ("item", "slug", "price"),
    [("Neural turbo boost", "neural-turbo-boost", 20), ("Foggy lens", "foggy-lens", 5)],
)
def test_a_double_click_buys_once(shop, item, slug, price):
    notebook = shop(f"double-{slug}")
    hurry(notebook)
    button(notebook, item, "Buy").dblclick(delay=60)
    expect(message(notebook)).to_contain_text(f"Bought {item} for {price} B NN")
    wait_for_clicks(notebook)
    assert notebook.ask("print(game.owned)") == f"{{'{slug}': 1}}"
    expect(left(notebook)).to_have_text(f"{100 - price} B NN left")
    expect(message(notebook)).to_contain_text(f"Bought {item} for {price} B NN")


def test_an_order_in_a_cell_shows_in_the_widget(shop):
    notebook = shop("orders", "%%shop\nbuy Foggy lens, Drop shield", "%%shop\nreturn Foggy lens")
    notebook.run(2)
    expect(left(notebook)).to_have_text("85 B NN left")
    expect(card(notebook, "Foggy lens")).to_contain_text("✓ owned")
    expect(notebook.output(2).get_by_role("group", name="Receipt")).to_contain_text("Drop shield")
    notebook.run(3)
    expect(left(notebook)).to_have_text("90 B NN left")
    expect(card(notebook, "Foggy lens")).not_to_contain_text("✓ owned")


def test_what_is_out_of_reach_cannot_be_bought(shop):
    notebook = shop("poor", "%%shop\nbuy Ensemble enchanter")
    notebook.run(2)
    expect(left(notebook)).to_have_text("40 B NN left")
    button(notebook, "Mixup mixer", "Buy").click()
    button(notebook, "Weight decay", "Buy").click()
    expect(left(notebook)).to_have_text("0 B NN left")
    expect(card(notebook, "Speed boost")).to_contain_text("10 B NN short")
    expect(button(notebook, "Speed boost", "Buy")).to_be_disabled()


def test_what_another_kernel_of_the_team_buys_is_seen_at_once(shop):
    notebook = shop("live")
    buying = (
        "import sys, jupyter_classgame as classgame; "
        "config = classgame.ClassGame(rules=sys.argv[1]); "
        "classgame.start_game('insects', team='live', image_size=16, config=config)"
        ".buy('neural-turbo-boost', 4)"
    )
    notebook.ask(
        "import subprocess, sys\n"
        f"there = [sys.executable, '-c', {buying!r}, game.config.rules]\n"
        "subprocess.run(there, check=True)"
    )
    expect(left(notebook)).to_have_text("20 B NN left")
    expect(card(notebook, "Neural turbo boost")).to_contain_text("✓ owned × 4")  # noqa: RUF001
    expect(card(notebook, "Ensemble enchanter")).to_contain_text("40 B NN short")
    expect(button(notebook, "Ensemble enchanter", "Buy")).to_be_disabled()


def test_from_a_search_to_a_cell_that_replays_the_order(shop):
    notebook = shop("basket", "# the last cell")
    shop_here = notebook.output(1)
    search = shop_here.get_by_role("textbox", name="Search")
    search.press_sequentially("rate")
    expect(shop_here.get_by_text("2 of 16 items")).to_be_visible()
    expect(shop_here.locator(".cg-card:visible")).to_have_count(2)
    expect(shop_here.get_by_role("heading", name="Augmentation")).to_be_hidden()
    search.press("Escape")
    expect(search).to_have_value("")
    expect(search).to_be_focused()
    expect(shop_here.locator(".cg-card:visible")).to_have_count(16)
    search.press_sequentially("rate")
    expect(shop_here.locator(".cg-card:visible")).to_have_count(2)
    button(notebook, "Learning rate decay", "Add").click()
    shop_here.get_by_role("button", name="Clear", exact=True).click()
    expect(shop_here.locator(".cg-card:visible")).to_have_count(16)
    expect(search).to_have_value("")

    for _ in range(2):
        button(notebook, "Neural turbo boost", "Add").press("Enter")  # as by the keyboard
    button(notebook, "Flip trick", "Add").click()
    sums = shop_here.locator(".cg-sums")
    expect(sums).to_have_text("total55 B NNleft after buying45 B NN")
    shop_here.get_by_role("button", name="Take Flip trick out of the basket").click()
    expect(sums).to_have_text("total45 B NNleft after buying55 B NN")
    expect(card(notebook, "Ensemble enchanter")).to_contain_text("5 B NN short beside the basket")
    assert notebook.ask("print(game.owned)") == "{}"

    shop_here.get_by_role("button", name="Buy all", exact=True).click()
    expect(left(notebook)).to_have_text("55 B NN left")
    expect(message(notebook)).to_have_text("Bought 2 items for 45 B NN. 55 B NN left.")
    receipt = shop_here.get_by_role("group", name="Receipt")
    expect(receipt).to_contain_text("Neural turbo boost × 2")  # noqa: RUF001
    expect(shop_here.locator(".cg-basket")).to_contain_text("Add puts an item in here")

    shop_here.get_by_role("button", name="Keep 2 items as a %%shop cell").click()
    expect(message(notebook)).to_have_text(
        "The order of 2 items is in a new cell below the active one."
    )
    expect(shop_here.get_by_role("button", name="Kept 2 items as a %%shop cell")).to_be_disabled()
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(4)
    kept = "%%shop\nbuy Learning rate decay\nbuy Neural turbo boost x 2"
    below = notebook.sources().index(kept)
    notebook.run(below)
    expect(notebook.output(below)).to_contain_text("Nothing changed")
    assert notebook.ask("print(game.balance)") == "55.0"


def test_the_basket_answers_while_a_cell_runs(shop):
    notebook = shop("busy-basket", "import time\nwhile not game.owned:\n    time.sleep(0.05)")
    notebook.start(2)
    button(notebook, "Foggy lens", "Add").click()
    button(notebook, "Flip trick", "Add").click()
    expect(notebook.output(1).locator(".cg-sums")).to_contain_text("left after buying85 B NN")
    assert notebook.busy(2)
    notebook.output(1).get_by_role("button", name="Buy all", exact=True).click()
    notebook.wait(2)
    expect(left(notebook)).to_have_text("85 B NN left")


def keep(notebook, items):
    return notebook.output(1).get_by_role("button", name=f"Keep {items} as a %%shop cell")


def test_all_clicks_are_kept_while_a_cell_runs(shop):
    waiting = "import time\nwhile 'drop-shield' not in game.owned:\n    time.sleep(0.05)"
    notebook = shop("busy-keep", waiting)
    notebook.start(2)
    button(notebook, "Flip trick", "Buy").click()
    expect(left(notebook)).to_have_text("90 B NN left")
    button(notebook, "Foggy lens", "Buy").click()
    expect(left(notebook)).to_have_text("85 B NN left")
    keep(notebook, "2 items").click()
    expect(message(notebook)).to_contain_text("is in a new cell below the active one")
    assert notebook.sources()[2:] == ["%%shop\nbuy Flip trick\nbuy Foggy lens", waiting]
    assert notebook.busy(3)
    button(notebook, "Drop shield", "Buy").click()
    notebook.wait(3)


def test_in_a_notebook_that_is_read_only_the_order_is_left_for_the_next_cell(shop):
    notebook = shop("read-only", "pass")
    button(notebook, "Flip trick", "Buy").click()
    notebook.panel("({content}) => { content.model.readOnly = true; }")
    keep(notebook, "1 item").click()
    expect(message(notebook)).to_have_text(
        "The order of 1 item appears in a new cell below the next cell you run."
    )
    assert len(notebook.sources()) == 3
    notebook.panel("({content}) => { content.model.readOnly = false; }")
    notebook.run(2)
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(4)
    assert notebook.sources()[3] == "%%shop\nbuy Flip trick"


def test_an_augmentations_details_show_what_it_does(shop):
    notebook = shop("pictures")
    button(notebook, "Whirl and swirl", "Details").click()
    pictures = card(notebook, "Whirl and swirl").locator(".cg-pictures img")
    expect(pictures).to_have_count(8)
    expect(
        card(notebook, "Whirl and swirl").get_by_alt_text("after Whirl and swirl")
    ).to_have_count(4)
    widths = "images => Promise.all(images.map(i => i.decode().then(() => i.naturalWidth)))"
    assert pictures.evaluate_all(widths) == [16] * 8
    shown = notebook.output(1).locator(".cg-pictures img").first.bounding_box()
    assert shown["width"] >= 48


CUT_OFF = """shop => {
    const edge = 1 + Math.min(...[
        shop, ...['.jp-OutputArea-output', '.jp-Cell-outputArea', '.jp-Notebook']
            .map(around => shop.closest(around))
    ].map(e => e.getBoundingClientRect().left + e.clientLeft + e.clientWidth));
    return [...shop.querySelectorAll('button, .cg-price, .cg-sum')]
        .filter(e => e.checkVisibility())
        .filter(e => e.getBoundingClientRect().right > edge || e.scrollWidth > e.clientWidth + 1)
        .map(e => e.textContent);
}"""


@pytest.mark.parametrize("width", [900, 1600])
def test_nothing_is_cut_off_at_any_width(shop, width):
    notebook = shop(f"width-{width}")
    button(notebook, "Neural turbo boost", "Buy").click()
    button(notebook, "Neural turbo boost", "Add").click()
    button(notebook, "Need for shift: Tokyo data drift", "Add").click()
    expect(notebook.output(1).locator(".cg-sums")).to_be_visible()
    before = notebook.page.viewport_size
    notebook.page.set_viewport_size({"width": width, "height": 1400})
    try:
        shown = notebook.output(1).locator(".cg-shop")
        until(notebook.page, lambda: shown.evaluate(CUT_OFF), lambda found: found == [])
    finally:
        notebook.page.set_viewport_size(before)


def test_a_recipe_is_copied_to_a_new_cell_and_runs(shop):
    notebook = shop(
        "recipes",
        "train_transform, loader_options = None, {'batch_size': 8}",
        "# the last cell",
    )
    notebook.run(2)
    button(notebook, "Info infusion", "Buy").click()
    button(notebook, "Info infusion", "Details").click()
    details = card(notebook, "Info infusion")
    expect(details.get_by_role("heading", name="Why it helps")).to_be_visible()
    details.get_by_role("button", name="Copy to a new cell").click()
    expect(message(notebook)).to_contain_text("The recipe of Info infusion is in a new cell")
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(5)

    sources = notebook.sources()
    below = next(i for i, source in enumerate(sources) if 'loader_options["fraction"]' in source)
    assert sources[-1] == "# the last cell"
    notebook.run(below)
    expect(notebook.output(below)).to_have_text("")
    assert notebook.ask("print(len(train_loader.dataset), game.balance)") == "39 80.0"


def test_a_teams_name_is_only_text(shop):
    name = "<img src=x onerror=window.caught=1>"
    notebook = shop(f"{name!r}", "%%shop\nbuy Flip trick")
    notebook.run(2)
    page = notebook.page
    for index in range(3):
        expect(notebook.output(index)).to_contain_text(name)
    assert notebook.ask("print(game.team)") == name
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("() => window.caught") is None
    # the shop's picture, which is there for readers without a kernel
    notebook.save()
    _, twin = notebook.server.read(notebook.name).cells[1].outputs
    assert "<img" not in twin.data["text/html"]
    assert "&lt;img src=x onerror=window.caught=1&gt;" in twin.data["text/html"]


def test_a_shop_shows_one_of_its_two_outputs(shop):
    notebook = shop("pair")
    expect(notebook.output(1).locator(".cg-shop")).to_be_visible()
    twin = notebook.output(1).get_by_role("table", name="Catalogue with prices")
    expect(twin).to_be_hidden()
    notebook.ask(
        "from jupyter_classgame.widgets.shop.shop_view import open_shop; open_shop(game).close()"
    )
    expect(notebook.output(1).locator(".cg-shop")).to_have_count(0)
    expect(twin).to_be_visible()


def test_two_hundred_clicks_in_a_second_buy_once_and_leave_the_page_whole(shop):
    notebook = shop("hasty")
    hurry(notebook)
    button(notebook, "Neural turbo boost", "Buy").evaluate(
        "button => { for (let i = 0; i < 200; i++) button.click(); }"
    )
    expect(left(notebook)).to_have_text("80 B NN left")
    wait_for_clicks(notebook)
    assert notebook.ask("print(game.owned)") == "{'neural-turbo-boost': 1}"
    button(notebook, "Foggy lens", "Buy").click()
    expect(left(notebook)).to_have_text("75 B NN left")
    expect(message(notebook)).to_have_text("Bought Foggy lens for 5 B NN. 75 B NN left.")


CLICKS = """shop => new Promise(resolve => {
    const names = ['Neural turbo boost', 'Flip trick', 'Drop shield'];
    const buttons = [...shop.querySelectorAll('.cg-card')]
        .filter(card => names.includes(card.querySelector('.cg-name').textContent))
        .map(card => [...card.querySelectorAll('button')].filter(
            button => /^(Buy|Return)/.test(button.textContent.trim())
        ).reverse());
    let clicks = 0;
    const timer = setInterval(() => {
        const card = buttons[clicks % 3];
        card[Math.floor(clicks / 30) % card.length].click();
        if (++clicks === 200) {
            clearInterval(timer);
            resolve([buttons.length, Math.min(...buttons.map(card => card.length))]);
        }
    }, 5);
})"""
"""Clicks on Buy and Return of three cards in turn, ten times each before it is the other's turn.

Buy comes first: how many of the later ones come in a pause, and count for nothing, varies.
"""


BOOK = """\
import json
from jupyter_classgame.shop.storage.tables import entries
columns = entries.c.slug, entries.c.count, entries.c.price
with game.ledger._database.read() as connection:
    query = entries.select().where(entries.c.game == game.record.id).order_by(entries.c.id)
    rows = connection.execute(query.with_only_columns(*columns)).all()
print(json.dumps([game.balance, dict(game.owned), [list(row) for row in rows]]))"""


def test_two_hundred_clicks_on_buy_and_return_leave_wallet_ledger_and_page_agreed(shop):
    notebook = shop("hasty-both")
    assert notebook.output(1).locator(".cg-shop").evaluate(CLICKS) == [3, 2]
    wait_for_clicks(notebook)
    balance, owned, entries = json.loads(notebook.ask(BOOK))
    held = dict.fromkeys(("neural-turbo-boost", "flip-trick", "drop-shield"), 0)
    for slug, count, _ in entries:
        held[slug] += count
        assert held[slug] >= 0
        assert held[slug] <= 1 or slug == "neural-turbo-boost"
    assert {slug: count for slug, count in held.items() if count} == owned
    assert min(sum(slug == each for slug, *_ in entries) for each in held) >= 1
    assert balance == 100 - sum(count * price for _, count, price in entries)
    assert balance == 100 - sum(
        count * (20 if slug == "neural-turbo-boost" else 10) for slug, count in owned.items()
    )
    expect(left(notebook)).to_have_text(f"{balance:g} B NN left")
    for item in ("Neural turbo boost", "Flip trick", "Drop shield"):
        mark = card(notebook, item).locator(".cg-mark")
        if item.lower().replace(" ", "-") in owned:
            expect(mark).to_contain_text("✓ owned")
        else:
            expect(mark).not_to_contain_text("✓ owned")
