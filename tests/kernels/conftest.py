"""Without a GPU Triton interprets the kernels (tests/conftest.py); with one they are compiled."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # for `conv`

pytest.importorskip("triton", reason="no Triton for this platform: its kernels are never used")


@pytest.fixture
def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
