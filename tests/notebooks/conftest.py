from itertools import count

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


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    """Where all teams of a module's tests work."""
    folder = tmp_path_factory.mktemp("shared")
    make_images(folder / "insects")
    return folder


@pytest.fixture(scope="module")
def start_shared_kernel(shared_folder):
    """Starts kernels in that folder which last as long as the module's tests."""
    kernels = []

    def start():
        kernels.append(Kernel(shared_folder))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture(scope="module")
def shared_kernel(start_shared_kernel):
    """One kernel for all tests of a module that leave it as it was; each plays for a team."""
    return start_shared_kernel()


_teams = count(1)


@pytest.fixture
def team():
    """A team of the test's own."""
    return f"team-{next(_teams)}"
