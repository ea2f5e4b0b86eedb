import subprocess
import sys

import pytest

import jupyter_classgame.data as package
from jupyter_classgame.data.image_loading import load_images


@pytest.mark.processes
def test_a_pack_can_name_its_data_without_loading_torch():
    code = (
        "import sys; from jupyter_classgame.data import DataSpec; DataSpec('digits'); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'PIL', 'sklearn', 'torchvision')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_is_found():
    assert package.load_images is load_images
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
        assert name in dir(package)


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="lode_images"):
        _ = package.lode_images
