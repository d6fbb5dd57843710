"""Settings of all tests."""

import multiprocessing
import os

import pytest
import torch
from hypothesis import settings

# Triton asks for it when it is imported, which tests of any room may do first.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

# A server that has imported this forks a process in milliseconds; a new Python takes seconds.
# Of Snakemake only what looks for no plugins: it would import ours, and not that of a checkout.
multiprocessing.set_forkserver_preload(
    [
        "family_packs",
        "largebatch.cli",
        "largebatch.training.worker",
        "snakemake_executor_plugin_slurm",
        "sqlmodel",
    ]
)

# No power cut harms what tests write, and thousands of files wait for the disk.
os.fsync = lambda _: None

# Machines are shared and slow at times: an example may take as long as it takes.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


@pytest.fixture(autouse=True)
def denormals_are_numbers():
    """What the trainer sets for its process may not reach the next test."""
    yield
    torch.set_flush_denormal(False)
