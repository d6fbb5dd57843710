import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Modules of these tests and of those of the workflow.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "workflow")]

from ports import reserve_ports  # noqa: E402
from slurm_lab import Lab, OnCluster  # noqa: E402


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slurm)


def _lab(accounting: bool) -> Iterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("a SLURM of our own needs root")
    with reserve_ports() as port:
        lab = Lab(accounting, port)
        try:
            lab.begin()
            yield lab
        finally:
            lab.end()


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A cluster without accounting, as small ones are."""
    yield from _lab(accounting=False)


@pytest.fixture(scope="session")
def lab_with_accounting() -> Iterator[Lab]:
    yield from _lab(accounting=True)


@pytest.fixture
def cluster(lab: Lab, tmp_path: Path) -> Iterator[OnCluster]:
    """The tiny study; nothing of it is left in the queue afterwards."""
    checkout = OnCluster.create_on(lab, tmp_path / "checkout")
    yield checkout
    lab.clear()
