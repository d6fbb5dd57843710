"""README's picture is what today's code makes of the runs that the repository holds."""

import shutil
from pathlib import Path

from largebatch.analysis.tables import write_figure_table
from largebatch.figures.draw import draw
from largebatch.records import find_mark
from largebatch.study import load_study

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/images/mnist-full-fig7.png"


def test_it_is_drawn_of_these_runs_by_this_code(tmp_path):
    study = load_study("mnist-full", ROOT)
    shutil.copytree(ROOT / "results/mnist-full/runs", tmp_path / "results/mnist-full/runs")
    write_figure_table(study, "fig7", tmp_path)
    drawn = draw(study, "fig7", tmp_path)["png"]
    assert find_mark(PICTURE) == find_mark(drawn) is not None, (
        "draw it again: largebatch table fig7 --study mnist-full, then largebatch figure fig7 "
        f"--study mnist-full, and copy results/mnist-full/figures/fig7.png to {PICTURE}"
    )
