"""Tests of this folder need a CUDA device; without one they are skipped, and say so."""

import sys
from pathlib import Path

import pytest
import torch

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "training"))  # small.py: data, tasks and runs
sys.path.insert(0, str(FOLDER.parent / "kernels"))  # recurrent_layer.py


def pytest_collection_modifyitems(items):
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.gpu)
            if not torch.cuda.is_available():
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device (docs/gpu.md)"))


@pytest.fixture(autouse=True)
def _set_up():
    from largebatch.training.device import choose, set_up

    set_up(choose("cuda"), "fp32")
