"""Claims about measured curvature: from files of known h_max."""

import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from claims.conftest import copy_config
from claims.synthetic import World, write_runs
from largebatch.analysis.claims.bench import Bench, needed_files
from largebatch.analysis.claims.evaluate import evaluate, judged
from largebatch.analysis.measure.files import SCHEMA
from largebatch.errors import UserError
from largebatch.records import write_table
from largebatch.study import load_study


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("measured")
    copy_config(root)
    return root


@pytest.fixture(scope="module")
def paper(root):
    """Figures 1, 2 and 7 of the paper: momentum is better from 2 octaves over the optimum on."""
    (root / "config/studies/few.yaml").write_text("extends: paper\nseeds: [0, 1, 2, 3]\n")
    study = load_study("few", root)
    runs = [run for figure in ("fig1", "fig2", "fig7") for run in study.runs_of(figure)]
    write_runs(study, root, World(optimum=-7, threshold=2), runs)
    return study


@pytest.fixture(autouse=True)
def nothing_measured(paper, root):
    shutil.rmtree(root / f"results/{paper.name}/measured", ignore_errors=True)


def measure(study, root, h_max: dict[str, float], residual=lambda seed, epoch: 0.0) -> None:
    """h_max by figure, all in the first one's file: 10 % spread over seeds, at two rates.

    The larger one adapts. residual: of an h_max at the smaller rate, as a share of it; where it is
    more than 5 %, the h_max is a hundred times too large.
    """
    rows = []
    for figure, value in h_max.items():
        sweep = study.sweeps[study.figures[figure].sweeps[0]]
        for lr, scale in ((sweep.effective_lrs[0], 1.0), (sweep.effective_lrs[3], 1e-6)):
            for seed in sweep.seeds:
                for epoch in (50, 100):
                    spread = np.exp(
                        0.1 * np.random.default_rng([seed, len(rows)]).standard_normal()
                    )
                    share = residual(seed, epoch) if scale == 1.0 else 0.0
                    found = value * scale * spread * (100 if share > 0.05 else 1)
                    key = (sweep.task, sweep.batch, "sgd", lr, seed, epoch)
                    for quantity, number in (("h_max", found), ("h_max_residual", share * found)):
                        row = (quantity, *key, number, None, None)
                        rows.append(dict(zip(SCHEMA.names, row, strict=True)))
    first = next(iter(h_max))
    name = f"results/{study.name}/measured/{first}.parquet"
    record = {"name": name, "settings": study.figure_settings(first)}
    write_table(root / name, pa.Table.from_pylist(rows, schema=SCHEMA), record)


def verdict(study, root, id: str) -> dict:
    return next(row for row in evaluate(study, root).to_pylist() if row["id"] == id)


def test_without_measurements_not_run(paper, root):
    for id in ("C22", "C30"):
        row = verdict(paper, root, id)
        assert row["verdict"] == "not run" and "no h_max of" in row["reason"]


def test_measurements_of_other_settings_are_refused(paper, root):
    measure(paper, root, {"fig2": 3.0, "fig7": 150.0})
    retitled = replace(paper.figures["fig2"], title="Another")
    other = replace(paper, figures=paper.figures | {"fig2": retitled})
    with pytest.raises(
        UserError, match=r"fig2\.parquet: it was made with other settings; make it again with"
    ):
        evaluate(other, root)


def test_measurements_of_a_figure_that_is_gone_do_not_count(paper, root):
    measure(paper, root, {"fig9": 3.0, "fig2": 3.0, "fig7": 150.0})
    figures = {name: figure for name, figure in paper.figures.items() if name != "fig9"}
    assert verdict(paper, root, "C22")["verdict"] != "not run"
    assert verdict(replace(paper, figures=figures), root, "C22")["verdict"] == "not run"


def test_a_table_is_made_from_the_measurements_and_the_runs_of_claims_that_have_them_all(
    paper, root
):
    """Those of figure 7 count although claims before its own lack runs."""
    measure(paper, root, {"fig2": 3.0, "fig7": 150.0})
    bench = Bench(paper, root)
    judged(bench)
    runs = {run.path for figure in ("fig1", "fig2", "fig7") for run in paper.runs_of(figure)}
    wanted = {*runs, f"results/{paper.name}/measured/fig2.parquet"}
    assert {source["name"] for source in bench.inputs} == set(needed_files(paper, root)) == wanted


@pytest.mark.parametrize(("ratio", "expected"), [(50, "supported"), (2, "contradicted")])
def test_curvature_ratio(paper, root, ratio, expected):
    measure(paper, root, {"fig2": 3.0, "fig7": 3.0 * ratio})
    row = verdict(paper, root, "C22")
    assert row["verdict"] == expected and row["estimate"] == pytest.approx(ratio, rel=0.1)


def test_an_h_max_that_lanczos_did_not_find_to_5_per_cent_is_left_out(paper, root):
    """At the last epoch of all seeds, and of one seed altogether."""
    converged = {(seed, 50): 0.04 for seed in (1, 2, 3)}
    measure(paper, root, {"fig2": 3.0}, lambda *point: converged.get(point, 0.06))
    found = Bench(paper, root).curvatures("fig2")
    assert list(found) == [1, 2, 3]
    assert list(np.exp(list(found.values()))) == pytest.approx([3.0] * 3, rel=0.5)


def test_without_a_converged_h_max_not_run(paper, root):
    """That of the larger rate, where the network adapts, does not stand in for it."""
    measure(paper, root, {"fig1": 3.0, "fig2": 3.0, "fig7": 150.0}, lambda *point: 0.06)
    for id in ("C22", "C30"):
        row = verdict(paper, root, id)
        assert row["verdict"] == "not run" and "h_max_residual of more than 5 %" in row["reason"]


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (1.0, "supported"),
        (4.5, "undecided"),
        (20.0, "contradicted"),
    ],  # 4.5: somewhere in 2.25 to 4.5
)
def test_threshold_at_the_inverse_curvature(paper, root, factor, expected):
    threshold = {
        "fig1": 2.0,
        "fig2": 64.0,
    }  # the grid rates above 2^(-7 + 5 + 2) and 2^(-7 + 10 + 2)
    measure(paper, root, {name: factor / rate for name, rate in threshold.items()})
    assert verdict(paper, root, "C30")["verdict"] == expected
