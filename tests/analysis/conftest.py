"""Run files in a temporary checkout."""

from pathlib import Path

import pytest
from small_study import Files, study_of, sweep_of

from largebatch.study import Study


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def study(files: Files) -> Study:
    """A study whose runs all have files: accuracy 0.5 everywhere, loss 1 + the seed."""
    study = study_of(sweep_of())
    for run in study.runs_of("fig1"):
        files.final(run, loss=1.0 + run.seed)
    return study
