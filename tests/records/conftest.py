from pathlib import Path

import pytest
from small_repository import make_repository


@pytest.fixture
def package(request, tmp_path) -> Path:
    """The folder of a package `largebatch` that consists of the test module's FILES."""
    folder = tmp_path / "largebatch"
    for name, text in request.module.FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A repository with the module `src/schedule.py` in one commit."""
    make_repository(tmp_path / "checkout")
    return tmp_path / "checkout"
