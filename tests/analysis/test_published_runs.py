"""The runs that the repository holds (docs/mnist.md): whole, of their study, as the docs say."""

from pathlib import Path

import pytest

from largebatch.analysis.stored import read_run
from largebatch.analysis.tables import build_table
from largebatch.study import load_study

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study():
    return load_study("mnist-full", ROOT)


def test_each_run_is_there_verified_and_has_every_epoch(study):
    for run in study.runs:
        table = read_run(study, run, ROOT).table
        assert table["epoch"].to_pylist() == list(range(257))
        assert table["test_loss"].null_count == 0


def test_no_other_run_lies_there(study):
    found = (ROOT / "results/mnist-full/runs").rglob("*.parquet")
    assert {str(path.relative_to(ROOT)) for path in found} == {run.path for run in study.runs}


def test_optima_and_losses_are_those_of_the_docs(study):
    finals = {
        (row["optimizer"], row["effective_lr"]): row["mean"]
        for row in build_table(study, "fig7", ROOT).to_pylist()
        if row["panel"] == "sweep" and row["metric"] == "test_loss"
    }
    sgd, momentum = (
        {lr: loss for (name, lr), loss in finals.items() if name == optimizer}
        for optimizer in ("sgd", "momentum-0.9")
    )
    assert min(sgd, key=sgd.get) == 0.08 and round(sgd[0.08], 2) == 3.06
    assert min(momentum, key=momentum.get) == 0.16 and round(momentum[0.16], 2) == 2.85
    assert round(momentum[0.64], 2) == 3.06 and round(sgd[0.64]) == 53
    apart = {lr: abs(sgd[lr] / momentum[lr] - 1) for lr in sgd}
    assert all(apart[lr] < 0.05 for lr in apart if lr <= 0.02)
    assert all(0.05 <= apart[lr] <= 0.07 for lr in (0.04, 0.08))
