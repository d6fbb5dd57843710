import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Modules of these tests and of those of the workflow.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "workflow")]

from slurm_lab import Lab, OnCluster  # noqa: E402


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slurm)


def _port(worker_id: str) -> int:
    """The first of a range of ports of this process of the tests (pytest-xdist)."""
    return 27400 + 1000 * int("".join(filter(str.isdigit, worker_id)) or 0)


def _lab(accounting: bool, port: int) -> Iterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("a SLURM of our own needs root")
    lab = Lab(accounting, port)
    try:
        lab.begin()
        yield lab
    finally:
        lab.end()


@pytest.fixture(scope="session")
def lab(worker_id: str) -> Iterator[Lab]:
    """Without accounting, as small clusters are."""
    yield from _lab(accounting=False, port=_port(worker_id))


@pytest.fixture(scope="session")
def lab_with_accounting(worker_id: str) -> Iterator[Lab]:
    yield from _lab(accounting=True, port=_port(worker_id) + 400)


@pytest.fixture
def cluster(lab: Lab, tmp_path: Path) -> Iterator[OnCluster]:
    """The tiny study; nothing of it is left in the queue afterwards."""
    checkout = OnCluster.create_on(lab, tmp_path / "checkout")
    yield checkout
    lab.clear()
