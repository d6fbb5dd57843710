"""Settings of all tests."""

import os

import pytest
import torch
from hypothesis import settings

# Triton asks for it when it is imported, which tests of any room may do first.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

# Machines are shared and slow at times: an example may take as long as it takes.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


@pytest.fixture(autouse=True)
def denormals_are_numbers():
    """What the trainer sets for its process may not reach the next test."""
    yield
    torch.set_flush_denormal(False)
