"""Packs of all families on disk."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from family_packs import FAMILIES, digests, jobs_of, prepare_data, train

from largebatch.training.job import Job


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Folder of the prepared data sets of the families."""
    folder = tmp_path_factory.mktemp("data")
    prepare_data(folder)
    return folder


@pytest.fixture(scope="session")
def whole(data: Path, tmp_path_factory) -> dict[str, list[Job]]:
    """{family: its jobs}, trained with nothing that interrupts them."""
    found = {}
    for family in FAMILIES:
        root = tmp_path_factory.mktemp(family)
        found[family] = jobs_of(family, data, root)
        assert train(found[family], root, checkpoint_seconds=1e9) == 0
    return found


@pytest.fixture(scope="session")
def undisturbed(whole) -> dict[str, dict[str, str]]:
    """{family: digests of its runs} when nothing interrupts them."""
    found = {family: digests(jobs) for family, jobs in whole.items()}
    assert all(len(found[family]) == len(jobs) for family, jobs in whole.items())
    return found
