import base64
import itertools
import re
import warnings
import xml.etree.ElementTree as ET
from io import BytesIO
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from helpers.models import model
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from jupyter_classgame.data.labelled_samples import SampleSheet
from jupyter_classgame.evaluation.model_ensemble import Ensemble
from jupyter_classgame.evaluation.report import build_report
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets import matplotlib_figures
from jupyter_classgame.widgets.cards import static_figures
from jupyter_classgame.widgets.cards.figure_limits import MAX_LIVE
from jupyter_classgame.widgets.chart import static_curves
from jupyter_classgame.widgets.chart.curve_points import (
    accuracy_ticks,
    epoch_ticks,
    loss_ticks,
    summary,
    thin,
)
from jupyter_classgame.widgets.short_names import fitted, short

PNG = b"\x89PNG\r\n\x1a\n"
MAX_SVG = 66_000


def parts(bundle):
    """The alt text, the SVG and the PNG of a bundle, each checked for what it is."""
    html = bundle["text/html"]
    alt = re.search(r'<img alt="([^"]*)"', html)[1]
    svg = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([^\"]+)", html)[1])
    png = base64.b64decode(bundle["image/png"])
    assert png.startswith(PNG)
    assert ET.fromstring(svg.decode()).tag.endswith("svg")  # noqa: S314 - our own
    return alt, svg, png


def make_report(count, name="model"):
    rng = np.random.default_rng(0)
    labels = np.arange(count * 30) % count
    wrong = rng.random(len(labels)) < 0.2
    guesses = np.where(wrong, rng.integers(0, count, len(labels)), labels)
    classes = [f"class number {n} <&>" for n in range(count)]
    return build_report(labels, guesses, classes, name, "the validation images")


@pytest.mark.parametrize("epochs", [1, 10, 3000])
def test_curves_are_compact_and_say_what_they_show(history, epochs):
    run = history(epochs, label='<i>"run" 2</i>')
    bundle = static_curves.curves(run, [history(4), history(0)])
    alt, svg, _ = parts(bundle)
    assert len(svg) < MAX_SVG
    assert alt.startswith("&lt;i&gt;&quot;run&quot; 2&lt;/i&gt;: ")
    assert f"best epoch {run.best_epoch} with val acc" in alt
    assert "history.chart() shows the last run live" in bundle["text/html"]
    assert bundle["text/plain"].startswith('<i>"run" 2</i>')


def test_what_was_edited_stands_inside_the_axes_line_by_line(history, monkeypatch):
    drawn = []
    bundle = static_curves.matplotlib_figures.bundle
    monkeypatch.setattr(
        static_curves.matplotlib_figures,
        "bundle",
        lambda figure, *words: drawn.append(figure) or bundle(figure, *words),
    )
    run = history(6)
    run.edits = [(5.9, "weight_decay 0.0 → 0.0005 for all"), (5.95, "lr 0.1 → 0.01"), (6, "lr 1")]
    static_curves.curves(run)
    renderer = FigureCanvasAgg(drawn[0]).get_renderer()
    axes = drawn[0].axes[0]
    room = axes.get_window_extent(renderer)
    labels = [label.get_window_extent(renderer) for label in axes.texts]
    assert len(labels) == 3
    assert all(room.x0 <= box.x0 and box.x1 <= room.x1 and box.y1 <= room.y1 for box in labels)
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(labels))


def test_edits_by_hand_and_averaged_weights_are_in_the_picture(history):
    run, plain = history(6), parts(static_curves.curves(history(6)))
    run.edits = [(2.5, "lr 0.1 → 0.01"), (4.0, "momentum <0.9> → 0.5")]
    alt, svg, _ = parts(static_curves.curves(run))
    assert "after 2.50 epochs lr 0.1 → 0.01 by hand" in alt
    assert "momentum &lt;0.9&gt; → 0.5" in alt
    assert len(svg) > len(plain[1])
    assert "by hand" not in plain[0]
    run.edits *= 40
    alt, svg, _ = parts(static_curves.curves(run))
    assert "80 edits by hand in all" in alt
    assert len(svg) < MAX_SVG
    averaged = history(6)
    averaged.ema_val_loss = [value * 0.9 for value in averaged.val_loss]
    averaged.ema_val_acc = [value * 0.9 for value in averaged.val_acc]
    assert parts(static_curves.curves(averaged))[1] != plain[1]


def test_a_run_under_way_is_called_so(history):
    run = history(2)
    run._control, run.stopped_by = RunControl(), None
    run._control.attach(1, lambda: None)
    assert summary(run).startswith("run 1: model: under way, 2 of 2 epochs; history.wait()")
    run._control.end()
    assert summary(run).startswith("run 1: model: 2 epochs, best epoch")


def test_the_same_numbers_give_the_same_bytes(history):
    assert static_curves.curves(history(7), [history(3)]) == static_curves.curves(
        history(7), [history(3)]
    )
    assert static_curves.curves(history(7)) != static_curves.curves(history(8))


def test_curves_take_numbers_that_are_not_finite(history):
    run = history(5)
    run.train_loss[3] = float("nan")
    run.val_loss[4] = float("inf")
    parts(static_curves.curves(run))


SETTINGS = {
    "text.usetex": True, "font.size": 30, "axes.formatter.use_mathtext": True,
    "axes.formatter.use_locale": True, "image.origin": "lower", "image.aspect": "auto",
    "figure.autolayout": True, "path.sketch": (5, 50, 3), "svg.fonttype": "none",
    "axes.spines.left": False, "xtick.bottom": False, "xtick.labelbottom": False,
    "axes.autolimit_mode": "round_numbers", "legend.fancybox": False,
    "lines.dash_capstyle": "round",
}  # fmt: skip


def test_a_users_settings_are_neither_read_nor_changed(history):
    report = make_report(4)
    images = np.random.default_rng(0).integers(0, 255, (3, 8, 8, 3), dtype=np.uint8)
    names = ["under_score", "$b$", "c"]
    sheet = SampleSheet("training", names, list(images), names)

    def drawn():
        figures = static_curves.curves(history(4)), static_figures.confusion(report)
        return [
            *(each["text/html"] for each in figures),
            static_figures.samples(sheet)["image/png"],
        ]

    plain = drawn()
    with mpl.rc_context():
        plt.style.use("dark_background")
        mpl.rcParams.update(SETTINGS)
        before = dict(mpl.rcParams)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            styled = drawn()
        assert dict(mpl.rcParams) == before
    assert styled == plain
    assert plt.get_fignums() == []
    assert "backend" in before


def test_what_a_cell_sets_while_a_picture_is_drawn_stays():
    with mpl.rc_context({"text.usetex": True, "font.size": 30}):
        with matplotlib_figures.own_style():
            mpl.rcParams["font.size"] = 20
        assert (mpl.rcParams["text.usetex"], mpl.rcParams["font.size"]) == (True, 20)


@pytest.mark.parametrize("count", [2, 10, 15, 30, 102])
def test_a_confusion_matrix_is_compact_for_any_number_of_classes(count):
    scores = make_report(count)
    alt, svg, _ = parts(static_figures.confusion(scores))
    assert len(svg) < MAX_SVG
    assert f"{count} classes, accuracy {scores.accuracy:.4f}" in alt
    assert "<&>" not in alt


@pytest.mark.parametrize(("count", "named"), [(10, 10), (30, 30), (60, 30), (102, 26)])
def test_a_confusion_matrix_names_as_many_classes_as_it_has_room_for(count, named, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        matplotlib_figures, "bundle", lambda figure, *said: drawn.append((figure, said))
    )
    static_figures.confusion(make_report(count))
    ((figure, (_, caption)),) = drawn
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(labels) == named
    assert all(label.startswith("cl") for label in labels)
    assert len(set(labels)) == named
    assert ("shows it live" in caption) == (count <= MAX_LIVE)


@pytest.mark.parametrize("accuracy", [0.05, 0.97, 1.0])
def test_the_numbers_of_the_bars_are_inside_the_picture(accuracy, monkeypatch):
    ensemble = Ensemble([model(0), model(1)], ["a", "b"])
    ensemble.member_accuracy, ensemble.accuracy, ensemble.n = [0.02, accuracy], accuracy, 40
    drawn = []
    monkeypatch.setattr(matplotlib_figures, "bundle", lambda figure, *_: drawn.append(figure))
    static_figures.bars(ensemble)
    canvas = FigureCanvasAgg(drawn[0])
    canvas.draw()
    numbers = [text for text in drawn[0].axes[0].texts if f"{accuracy:.4f}" in text.get_text()]
    assert len(numbers) == 2
    for number in numbers:
        box = number.get_window_extent(canvas.get_renderer())
        assert 0 < box.x0 < box.x1 < drawn[0].bbox.x1


def test_names_are_short_and_told_apart():
    names = [short("a very long name " * 3), short("a very long name too"), short("b")]
    assert names == ["a very long nam…", "a very long nam…", "b"]
    alike = [f"class number of {n}" for n in (7, 12)]
    assert fitted([*alike, "cats", "a very long name of its own"]) == [
        "class n…er of 7", "class n…r of 12", "cats", "a very long nam…",
    ]  # fmt: skip
    assert fitted(["x" * 20, "x" * 21]) == ["xxxxxxxxxxx… (1)", "xxxxxxxxxxx… (2)"]
    assert fitted(["a", "a"]) == ["a (1)", "a (2)"]


@pytest.mark.parametrize(("name", "like"), [("$5_$", "@5_@"), ("a$b$", "a@b@")])
def test_dollar_signs_in_a_name_make_no_formula(history, name, like):
    """A formula is drawn with fewer letters than the name has, or is none and stops everything."""

    def pictures(name):
        labels = np.arange(30) % 3
        run = history(6, label=name)
        run.edits = [(2.5, name)]
        ensemble = Ensemble([model(0), model(1)], [name, "b"])
        ensemble.member_accuracy, ensemble.accuracy, ensemble.n = [0.5, 0.5], 0.5, 40
        yield static_curves.curves(run)
        yield static_figures.confusion(
            build_report(labels, labels, ["b", "c", name], name, "images")
        )
        yield static_figures.bars(ensemble)

    for drawn, plain in zip(pictures(name), pictures(like), strict=True):
        assert parts(drawn)[1].count(b"<use") == parts(plain)[1].count(b"<use")
    image = np.zeros((4, 4, 3), np.uint8)
    assert "image/png" in static_figures.samples(SampleSheet("Samples", [name], [image], [name]))


def test_a_confusion_matrix_names_the_commonest_mistake():
    labels = np.array([0, 0, 0, 1, 1, 1])
    said = static_figures.confusion_alt(build_report(labels, labels, ["a", "b"], "model", "images"))
    assert said.endswith("no image was taken for another class")
    guesses = np.array([0, 1, 1, 1, 1, 0])
    said = static_figures.confusion_alt(
        build_report(labels, guesses, ["a", "b"], "model", "images")
    )
    assert said.endswith("commonest mistake: a taken for b, 2 images")


def test_samples_are_pictures_with_labels():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (8, 8, 3), dtype=np.uint8) for _ in range(12)]
    labels = [f"<b>{n}" for n in range(12)]
    bundle = static_figures.samples(SampleSheet("Samples", labels, images, labels))
    html = bundle["text/html"]
    assert html.count("<img alt=") == 12
    assert html.count("data:image/png;base64,") == 12
    assert "image-rendering:pixelated" in html
    assert "<b>" not in html
    assert base64.b64decode(bundle["image/png"]).startswith(PNG)


def test_each_class_of_several_samples_begins_a_row():
    images = [np.full((8, 8, 3), 9 * n, np.uint8) for n in range(14)]
    sheet = SampleSheet("Samples", ["a", "b"], images, ["a"] * 12 + ["b"] * 2)
    assert sheet.groups == [range(12), range(12, 14)]
    bundle = static_figures.samples(sheet)
    rows = bundle["text/html"].split("flex-wrap:wrap;gap:10px")
    assert [row.count("<img") for row in rows] == [0, 12, 2]
    height = Image.open(BytesIO(base64.b64decode(bundle["image/png"]))).height
    one_row = SampleSheet("Samples", ["a"], images[:9], ["a"] * 9)
    least = Image.open(
        BytesIO(base64.b64decode(static_figures.samples(one_row)["image/png"]))
    ).height
    assert 2.5 < height / least < 3.5
    assert SampleSheet("Samples", ["a", "b"], images[:2], ["a", "b"]).groups == [range(2)]
    assert SampleSheet("Samples", [], [], []).groups == [range(0)]


@pytest.mark.parametrize("count", [1, 50, 119, 1000, 123_456])
def test_thinning_keeps_the_ends_and_the_best(count):
    x, y = thin([float(n) for n in range(count)], keep=[count // 2 or 1])
    assert len(x) == count or len(x) <= 1200
    assert {1.0, float(count), float(count // 2 or 1)} <= set(x.tolist())
    assert np.array_equal(y, x - 1)


def test_thinning_does_not_jump_while_a_curve_grows():
    early, late = (set(thin([0.0] * n)[0].tolist()) for n in (4000, 4001))
    assert early - late <= {4000.0}


@pytest.mark.parametrize("highest", [1e-9, 0.004, 0.7, 1.0, 2.3, 9.99, 60, 4e7])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.97, 1.0])
def test_loss_ticks_are_few_and_reach_around_the_values(highest, share):
    values = [highest, share * highest, float("nan")]
    ticks = loss_ticks([values])
    assert 0 <= ticks[0] <= min(values)
    assert ticks[-1] >= highest
    assert 3 <= len(ticks) <= 9
    spread = max(highest * (1 - share), 0.1 * highest, 1e-6)
    assert ticks[-1] - ticks[0] < 2 * spread
    assert loss_ticks([values], whole=True)[0] == 0


@pytest.mark.parametrize("lowest", [0.0, 0.13, 0.49, 0.5, 0.88, 0.999, 1.0])
@pytest.mark.parametrize("highest", [0.0, 0.5, 0.93, 1.0])
def test_accuracy_ticks_reach_around_the_values_and_not_beyond_0_and_1(lowest, highest):
    low, high = sorted((lowest, highest))
    ticks = accuracy_ticks([[low, high]])
    assert 0 <= ticks[0] <= low
    assert high <= ticks[-1] <= 1
    assert 3 <= len(ticks) <= 9
    whole = accuracy_ticks([[low, high]], whole=True)
    assert (whole[0], whole[-1]) == (0, 1)


@pytest.mark.parametrize("last", [1, 2, 7, 8, 9, 16, 57, 100, 1234, 10**6])
def test_the_axis_of_epochs_grows_with_them(last):
    ticks = epoch_ticks(last)
    assert ticks[0] == 0
    assert last <= ticks[-1] <= max(8, last + ticks[1])
    assert len(ticks) <= 9
    assert len({after - before for before, after in itertools.pairwise(ticks)}) == 1
