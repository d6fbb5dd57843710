"""A checkout in a temporary folder with the real config, and studies of known truth in it."""

import shutil
from pathlib import Path

import pytest

from claims.synthetic import World, write_runs
from largebatch.study import load_study

REPOSITORY = Path(__file__).parents[2]


def copy_config(root: Path) -> None:
    for folder in ("config", "workflow/schemas"):
        shutil.copytree(REPOSITORY / folder, root / folder)


@pytest.fixture
def root(tmp_path):
    copy_config(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def results(tmp_path_factory) -> Path:
    """All runs of the demo study: momentum wins at large rates, some runs diverge."""
    root = tmp_path_factory.mktemp("demo")
    study = load_study("demo", REPOSITORY)
    write_runs(study, root, World(optimum=-7, edge={"sgd": 3, "momentum": 5}))
    return root / "results"


@pytest.fixture
def demo(root, results):
    """The demo study with these runs, which a test may change."""
    shutil.copytree(results, root / "results")
    return load_study("demo", root)
