"""Settings of all tests."""

import multiprocessing
import os

import pytest
import torch
from hypothesis import HealthCheck, settings

# Triton reads this when it is imported, which a test of any room may do first.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

# A server that has imported these forks a process in milliseconds; a new Python takes seconds.
# It is started in the root, and finds what is there; Python 3.11 tells it nothing of our sys.path.
multiprocessing.set_forkserver_preload(
    [
        "jsonschema",
        "largebatch.analysis.claims.write",
        "largebatch.cli",
        "largebatch.data.prepare",
        "largebatch.figures.report",
        "largebatch.training.worker",
        "matplotlib.backends.backend_pdf",
        "matplotlib.backends.backend_svg",
        "sklearn.datasets",
        "snakemake.cli",
        "snakemake.profiles",
        "snakemake.report.html_reporter",
        "snakemake.storage",
        "sqlmodel",
        "tests.workflow.warm",
    ]
)

# What tests write need not survive a power cut, and syncing thousands of files is slow.
os.fsync = lambda _: None

# Machines are shared and slow at times, so there is no limit to the time of an example, nor to that
# of making one: the first text needs hypothesis's table of characters, seconds of work.
settings.register_profile(
    "shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared-machine")


@pytest.fixture(autouse=True)
def denormals_are_numbers():
    """Undo what the trainer sets for its process, before the next test."""
    yield
    torch.set_flush_denormal(False)
