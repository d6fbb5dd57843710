"""Settings of all tests."""

import sys

import pytest
from hypothesis import settings

# Machines are shared and slow at times: an example may take as long as it takes.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


@pytest.fixture(autouse=True)
def denormals_are_numbers():
    """What the trainer sets for its process may not reach the next test."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
