"""The paper's nine figures from made-up runs: 11 rates, 5 seeds, divergences, absurd losses."""

from pathlib import Path

import pytest
from laid_out import FIGURES, Drawn, draw_in_memory
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.study import Study, load_study


@pytest.fixture(scope="session")
def paper() -> Study:
    return load_study("paper")


@pytest.fixture(scope="session")
def root(paper, tmp_path_factory) -> Path:
    """A folder with runs and tables of all figures; tests change nothing in it."""
    root = tmp_path_factory.mktemp("paper")
    write_runs(paper, root)
    for figure in FIGURES:
        write_figure_table(paper, figure, root)
    return root


@pytest.fixture(scope="session")
def drawn(paper, root) -> dict[str, Drawn]:
    """Every figure, by name."""
    return {figure: draw_in_memory(paper, figure, root) for figure in FIGURES}
