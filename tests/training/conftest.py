"""Packs of all families on disk."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from family_packs import FAMILIES, digests, jobs_of, prepare_data, train


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Folder of the prepared data sets of the families."""
    folder = tmp_path_factory.mktemp("data")
    prepare_data(folder)
    return folder


@pytest.fixture(scope="session")
def undisturbed(data: Path, tmp_path_factory) -> dict[str, dict[str, str]]:
    """{family: digests of its runs} when nothing interrupts them."""
    found = {}
    for family in FAMILIES:
        root = tmp_path_factory.mktemp(family)
        jobs = jobs_of(family, data, root)
        assert train(jobs, root, checkpoint_seconds=1e9) == 0
        found[family] = digests(jobs)
        assert len(found[family]) == len(jobs)
    return found
