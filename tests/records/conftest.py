from pathlib import Path

import pytest


@pytest.fixture
def package(request, tmp_path) -> Path:
    """The folder of a package `largebatch` that consists of the test module's FILES."""
    folder = tmp_path / "largebatch"
    for name, text in request.module.FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder
