"""All runs of a study in one table: what tells each from the others stands in its rows."""

import math

import pyarrow.csv
import pyarrow.parquet
import pytest
from small_study import study_of, sweep_of

from largebatch.analysis.run_table import run_table
from largebatch.cli.export import export
from largebatch.errors import UserError


@pytest.fixture
def study(files):
    """Of 18 runs two are stored, one of them diverged."""
    study = study_of(sweep_of())
    first, second, *_ = study.runs
    files.final(first, 0.25)
    files.final(second, math.inf, status="diverged")
    return study


def test_each_row_tells_its_run(study, files):
    rows = run_table(study, files.root).to_pylist()
    assert [(row["seed"], row["epoch"], row["status"]) for row in rows] == [
        *((0, epoch, "finished") for epoch in range(3)),
        *((1, epoch, "diverged") for epoch in range(3)),
    ]
    told = {"task": "tiny", "dataset": "none", "batch": 8, "optimizer": "sgd"}
    told |= {"momentum": 0.0, "effective_lr": 0.5}
    assert all(told.items() <= row.items() for row in rows)
    assert rows[2]["test_loss"] == 0.25 and rows[2]["train_loss"] is None


def test_runs_of_other_settings_are_left_out(study, files):
    study.tasks["tiny"].settings["epochs"] = 7
    with pytest.raises(UserError, match="no run of this study yet; train with `snakemake runs"):
        run_table(study, files.root)


def test_a_damaged_run_is_refused(study, files):
    path = files.root / study.runs[0].path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match="it is truncated or damaged"):
        run_table(study, files.root)


@pytest.mark.parametrize(
    ("name", "read"),
    [("all.csv", pyarrow.csv.read_csv), ("all.parquet", pyarrow.parquet.read_table)],
)
def test_what_is_written_is_read(study, files, monkeypatch, capsys, name, read):
    monkeypatch.setattr("largebatch.cli.export.chosen", lambda name, enable: study)
    expected = run_table(study, files.root).to_pylist()
    monkeypatch.chdir(files.root)
    export(files.root / name)
    found = read(files.root / name).to_pylist()
    assert found == expected
    assert capsys.readouterr().out.endswith(f"{name}: 2 of 18 runs, 6 rows\n")


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"all\.xlsx: tables are written as \.csv or \.parquet"):
        export(tmp_path / "all.xlsx")
    assert not list(tmp_path.iterdir())
