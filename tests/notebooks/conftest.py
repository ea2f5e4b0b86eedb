import pytest
from helpers.images import make_images
from notebooks.kernels import Kernel


@pytest.fixture
def folder(tmp_path):
    """Where a team works: a folder of images, and the ledger of all its kernels."""
    make_images(tmp_path / "insects")
    return tmp_path


@pytest.fixture
def start_kernel(folder):
    """Starts kernels in the folder, and ends them."""
    kernels = []

    def start():
        kernels.append(Kernel(folder))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()
