"""Triton's interpreter runs the kernels on CPU tensors; with a GPU they are compiled and run there.

Triton asks for the variable when a kernel is defined, so it is set before any kernel is imported.
"""

import os
import sys
from pathlib import Path

import pytest
import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # for `conv`

pytest.importorskip("triton", reason="no Triton for this platform: its kernels are never used")


@pytest.fixture
def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
