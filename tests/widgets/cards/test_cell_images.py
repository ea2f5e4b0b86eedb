"""The images in a cell of a confusion matrix."""

import pytest
import torch
from torch import nn

from jupyter_classgame.evaluation.cell_samples import MOST
from jupyter_classgame.evaluation.report import score
from jupyter_classgame.widgets.cards.report_card import heat_map


class Second(nn.Module):
    """Takes every image for the second class, but the white ones."""

    def forward(self, images):
        white = images.mean((1, 2, 3)) > 0.9
        return torch.stack([white.float(), (~white).float()], 1)


@pytest.fixture
def report():
    images = torch.zeros(40, 3, 8, 8)
    images[:3] = 1.0
    labels = torch.tensor([0] * 5 + [1] * 35)
    batches = [(images[:7], labels[:7]), (images[7:], labels[7:])]
    cpu = torch.device("cpu")
    return score(Second(), batches, cpu, classes=("cat", "dog"), keep_samples=True)


def test_a_report_keeps_the_first_images_of_each_cell(report):
    assert report.confusion.tolist() == [[3, 2], [0, 35]]
    assert {cell: len(kept) for cell, kept in report.samples.items()} == {
        (0, 0): 3, (0, 1): 2, (1, 1): MOST,
    }  # fmt: skip
    assert report.samples[0, 0][0].shape == (8, 8, 3)
    assert (report.samples[0, 0][0] == 255).all()


def _click(cells, row, column):
    data = {"rowNum": row, "columnNum": column}
    cells._handle_custom_msgs(cells, {"event": "element_click", "data": data})


def test_a_cell_is_chosen_by_a_click_or_from_the_list(report):
    view = heat_map(report)
    shown, chosen, images = view.children
    cells = shown.children[1].marks[0]
    assert chosen.index == 0  # else the page shows an empty box
    named = [name for name, _ in chosen.options[1:]]
    assert named == ["cat taken for dog: 2 images", "dog, recognised: 35 images",
                     "cat, recognised: 3 images"]  # fmt: skip
    _click(cells, 0, 1)
    assert chosen.value == (0, 1)
    assert images.value.count("<img") == 2
    _click(cells, 1, 0)  # an empty one
    assert chosen.value == (0, 1)
    chosen.value = (1, 1)
    assert images.value.count("<img") == MOST
    assert f"and {35 - MOST} more" in images.value
    chosen.index = 0
    assert images.value == ""
