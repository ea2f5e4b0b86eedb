import pytest
import torch

from jupyter_classgame.data.feed import thread_count
from jupyter_classgame.data.feed.thread_count import limit_threads


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_small_batch_gets_one_thread(monkeypatch):
    with limit_threads(torch.zeros(64, 3, 32, 32)):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with pytest.raises(ZeroDivisionError), limit_threads(torch.zeros(5)):
        _ = 1 / 0
    assert torch.get_num_threads() == 2


def test_a_large_batch_or_another_device_keeps_them(monkeypatch):
    monkeypatch.setattr(thread_count, "LARGE", 100)
    for batch in (torch.zeros(100), torch.zeros(5, device="meta")):
        with limit_threads(batch):
            assert torch.get_num_threads() == 2
