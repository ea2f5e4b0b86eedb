"""The demos run headless, say what they should, and may be run again."""

import re
from base64 import b64decode
from html import unescape
from io import BytesIO
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from notebooks.demos import NAMES, demo
from notebooks.kernels import WIDGET_VIEW
from PIL import Image

pytestmark = pytest.mark.timeout(3600)  # the demos train; on a busy machine they take their time

IMAGE = re.compile(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]+)"')


@pytest.fixture(params=NAMES)
def any_demo(request, tmp_path_factory):
    return demo(request.param, tmp_path_factory)


@pytest.fixture
def first_game(tmp_path_factory):
    return demo("01_first_game", tmp_path_factory)


@pytest.fixture
def many_devices(tmp_path_factory):
    return demo("02_many_devices", tmp_path_factory)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook, name):
    (cell,) = (cell for cell in notebook.cells if cell.id == name)
    return cell.outputs


def displayed(notebook, name):
    return [output.data for output in outputs(notebook, name) if "data" in output]


def printed(notebook, name):
    return "".join(out.text for out in outputs(notebook, name) if out.output_type == "stream")


def shape(notebook):
    """What is left of a notebook's outputs without numbers, pictures and ids: their kinds."""
    return [
        (cell.id, [(out.output_type, sorted(out.get("data", ()))) for out in cell.outputs])
        for cell in code(notebook)
    ]


def pictures(bundle):
    """The pictures of an output, each checked to be one: their descriptions."""
    found = IMAGE.findall(bundle["text/html"])
    for _, source in found:
        drawing = ET.fromstring(b64decode(source))  # noqa: S314 - our own
        assert drawing.tag.endswith("svg")
        assert len(list(drawing.iter("{http://www.w3.org/2000/svg}path"))) > 5
    picture = Image.open(BytesIO(b64decode(bundle["image/png"])))
    picture.load()
    assert len(np.unique(np.asarray(picture.convert("L")))) > 20, "the picture is blank"
    return [description for description, _ in found]


def balances(notebook):
    """What the receipts of a notebook say is left, in B NN."""
    said = [
        data["text/plain"]
        for cell in code(notebook)
        if cell.source.startswith("%%shop")
        for data in displayed(notebook, cell.id)
    ]
    return [int(n) for n in re.findall(r"^balance +(\d+) B NN", "\n".join(said), re.MULTILINE)]


def test_every_cell_runs_and_none_complains(any_demo):
    for notebook in (any_demo.played, any_demo.played_again):
        assert all(cell.execution_count for cell in code(notebook))
        kinds = [out for cell in code(notebook) if not refused(cell) for out in cell.outputs]
        assert [out for out in kinds if out.output_type == "error"] == []
        assert [out.text for out in kinds if out.get("name") == "stderr"] == []


def refused(cell):
    return "raises-exception" in cell.metadata.get("tags", [])


def test_what_is_not_owned_is_refused_in_one_line_below_a_card(first_game):
    for notebook in (first_game.played, first_game.played_again):
        card = displayed(notebook, "referee-refuses")[-1]  # below the one with a button
        assert "weight_decay=0.0001" in card["text/html"]
        assert "buy Weight decay" in card["text/html"]
        (line,) = printed(notebook, "referee-refuses").splitlines()
        assert line.startswith("UsageError: not trained: in use and not owned: Weight decay;")


def test_every_live_output_has_its_static_twin(any_demo):
    live = 0
    for cell in code(any_demo.played):
        shown = displayed(any_demo.played, cell.id)
        for number, data in enumerate(shown):
            if WIDGET_VIEW in data:
                live += 1
                twin = shown[number + 1]
                assert WIDGET_VIEW not in twin
                assert len(twin["text/html"]) > 1000
    assert live


def test_every_run_leaves_its_curves(any_demo):
    trained = [cell for cell in code(any_demo.played) if cell.source.startswith("%train")]
    cells = [cell for cell in trained if not refused(cell)]
    assert cells
    for cell in cells:
        chart, line = displayed(any_demo.played, cell.id)
        assert WIDGET_VIEW not in chart
        (description,) = pictures(chart)
        assert re.match(r"run \d+: \w+: \d+ epochs?, best epoch \d", description)
        assert chart["text/plain"].startswith(unescape(description))
        assert line["text/plain"].startswith("History(run ")


def test_running_it_again_charges_nothing(any_demo):
    before = any_demo.purchases
    assert before
    any_demo.played_again  # noqa: B018 - it runs here
    assert any_demo.entries() == before
    receipts = [
        data["text/plain"]
        for cell in code(any_demo.played_again)
        if cell.source.startswith("%%shop")
        for data in displayed(any_demo.played_again, cell.id)
    ]
    assert receipts
    for receipt in receipts:
        assert "bought" not in receipt
        assert "unchanged" in receipt


def test_running_it_again_shows_the_same_kinds_of_things(any_demo):
    assert shape(any_demo.played_again) == shape(any_demo.played)


def test_many_devices_leave_the_objects_and_fail_in_one_place(many_devices):
    for notebook in (many_devices.played, many_devices.played_again):
        assert printed(notebook, "same").startswith("10 objects, all the same")
        *_, error = outputs(notebook, "fails")
        assert error.evalue.startswith("RuntimeError: a cable is loose (rank 1, cpu)")
        assert 'raise RuntimeError("a cable is loose")' in "".join(error.traceback)
        assert "1 epoch was whole" in printed(notebook, "recovered")
        (imported,) = displayed(notebook, "import")[1:]
        assert imported["text/plain"].startswith("History(run ")


def test_the_receipts_of_the_first_game(first_game):
    (order,) = displayed(first_game.played, "order")
    assert order["text/plain"].splitlines() == [
        "bought     Speed boost  -10 B NN",
        "bought     Info infusion  -20 B NN",
        "bought     Whirl and swirl  -10 B NN",
        "balance    60 B NN of 100 B NN, team red",
    ]
    assert "40 B NN of 100 B NN spent." in order["text/html"]
    (again,) = displayed(first_game.played, "order-again")
    assert again["text/plain"].count("(owned already)") == 3
    assert "Nothing changed" in again["text/html"]
    assert balances(first_game.played) == [60, 60, 10]
    assert balances(first_game.played_again) == [60, 60, 10]


def test_the_shops_picture_is_as_the_wallet_is_at_the_end(first_game):
    live, twin = displayed(first_game.played, "shop")
    assert "60 B NN left of 100 B NN" in twin["text/html"]
    assert twin["text/html"].count("✓ owned") == 3
    assert "team red" in twin["text/html"]
    assert live["text/plain"].startswith("Shop of Handwritten digits, team red")


def test_the_purchases_help(first_game):
    before, after = map(
        float, re.findall(r"0\.\d\d|1\.00", printed(first_game.played, "keep-after"))
    )
    assert before < after
    assert after > 0.8


def test_the_confusion_matrix(first_game):
    live, twin = displayed(first_game.played, "evaluate")
    assert WIDGET_VIEW in live
    (description,) = pictures(twin)
    accuracy = re.match(r"Confusion matrix, 10 classes, accuracy (0\.\d{3})", description)[1]
    assert f"accuracy {accuracy}" in twin["text/plain"]
    for word in ("macro precision", "macro recall", "macro F1", "Scores of each class"):
        assert word in twin["text/html"]


def test_the_bars_of_the_ensemble(first_game):
    live, twin = displayed(first_game.played, "ensemble")
    assert WIDGET_VIEW in live
    (description,) = pictures(twin)
    scores = r"model_a \S+, model_b \S+, model_c \S+"
    assert re.match(rf"Ensemble of 3, soft vote: accuracy \S+; its members {scores}", description)
    members = re.findall(r"member (\d): 0\.\d{3}", printed(first_game.played, "members"))
    assert members == ["1", "2", "3"]


def test_the_final_scores_and_the_comparison(first_game):
    final = r"{} on 359 hidden test images: accuracy (\d\.\d{{4}}) \(attempt 1 of 3\)"
    scores = []
    for cell, name in (("final-red", "model"), ("final-blue", "ensemble")):
        (score,) = displayed(first_game.played, cell)
        scores.append(float(re.fullmatch(final.format(name), score["text/plain"])[1]))
    (table,) = displayed(first_game.played, "compare")
    rows = {
        name: numbers.split()
        for name, numbers in re.findall(r"^(\S+, .*?)  +(.*)$", table["text/plain"], re.MULTILINE)
    }
    assert [rows[name][0] for name in rows] == ["0.0", "40.0", "90.0"]
    assert [float(rows[name][2]) for name in list(rows)[1:]] == [round(s, 3) for s in scores]


def test_the_record_of_runs(first_game):
    (table,) = displayed(first_game.played, "runs")
    rows = re.findall(r"^(\d) .* after all epochs .*$", table["text/plain"], re.MULTILINE)
    assert sorted(rows) == ["1", "2", "3"]
    assert table["text/html"].count("Ensemble enchanter") == 3


def test_the_sheet_of_samples_shows_every_class(first_game):
    (sheet,) = displayed(first_game.played, "show")
    assert sheet["text/html"].count("<img ") == 10
