"""What tables, maps and claims take from a run's table, and which tables they refuse."""

import numpy as np
import pyarrow as pa
import pytest

from largebatch.analysis.histories import History, read_history
from largebatch.errors import UserError
from largebatch.records import write_table
from largebatch.study import load_study

COLUMNS = {"train_loss": [None, 3.0, 2.0], "test_loss": [9.0, 3.5, 2.5], "seconds": [9.0, 1.0, 2.0]}


def history(diverged: bool = False, **columns) -> History:
    table = pa.table({"epoch": [0, 1, 2]} | COLUMNS | columns)
    return History(diverged, table, {"name": "runs/a.parquet"})


def test_the_time_before_training_is_no_training():
    """Row 0 is a test of the untrained network, and what is made once."""
    assert history().elapsed.tolist() == [0, 1, 3]


def test_training_has_no_metric_before_it_starts():
    assert history().epochs("train_loss") == [1, 2]
    assert history().epochs("test_perplexity") == [0, 1, 2]


def test_perplexities_are_taken_run_by_run_and_may_overflow():
    found = history(test_loss=[0.0, 1.0, 1000.0])
    assert found.values("test_perplexity").tolist() == [1, pytest.approx(np.e), np.inf]


def test_a_run_that_diverged_has_no_result_at_any_epoch():
    found = history(diverged=True, train_loss=[None, 3.0, None])
    assert np.isnan([found.at("train_loss", 1), found.final("train_loss")]).all()
    assert found.column("train_loss").tolist() == pytest.approx([np.nan, 3, np.nan], nan_ok=True)


def test_a_finished_run_without_a_value_is_named():
    with pytest.raises(UserError, match=r"^runs/a\.parquet: test_loss must have a value in each"):
        history(test_loss=[9.0, None, 2.5]).values("test_perplexity")


@pytest.mark.parametrize(
    ("epochs", "status"),
    [
        (list(range(12)), "finished"),
        ([*range(12), 11], "finished"),
        (list(range(1, 14)), "finished"),
        ([0, 2], "diverged"),
        (list(range(14)), "diverged"),
        ([], "diverged"),
    ],
)
def test_rows_are_epochs(tmp_path, epochs, status):
    study = load_study("demo")
    run = study.runs_of("fig7")[0]
    record = {"name": run.path, "status": status, "settings": study.spec(run)}
    write_table(tmp_path / run.path, pa.table({"epoch": pa.array(epochs, pa.int32())}), record)
    with pytest.raises(UserError, match="one row for each of the epochs 0 to 12"):
        read_history(study, run, tmp_path)
