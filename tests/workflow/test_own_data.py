"""A study of the user's own data."""

import pytest
from checkout import Checkout

SETTINGS = {"schedule": {"kind": "constant"}, "l2": 0, "l2_on": "all", "last_batch": "drop"}
LSTM = {"kind": "lstm", "layers": 1, "hidden": 8, "unroll": 3, "dropout": 0, "init_scale": 0.1}
LSTM |= {"time_reduction": "mean", "hidden_state": "carry", "batchify": "contiguous"}


def put_text(checkout: Checkout) -> None:
    """A study of three words, for which a lane is small; of 10,000 words it would not be."""
    (checkout.root / "train.txt").write_text("a b c\n" * 50)
    (checkout.root / "test.txt").write_text("c b a\n" * 10)
    task = {"dataset": "mine", "model": LSTM, "epochs": 1, "precision": "fp32", **SETTINGS}
    sweep = {"task": "lstm", "batch": 4, "optimizers": ["sgd"], "effective_lrs": [0.1, 1]}
    shown = {"title": "Mine", "kind": "sweep", "sweeps": ["mine"], "metrics": ["test_loss"]}
    mine = {"source": "text", "train": "train.txt", "test": "test.txt"}
    checkout.edit_study(
        lambda study: study.update(
            datasets={"mine": mine},
            tasks={"lstm": task},
            sweeps={"mine": sweep},
            figures={"f": shown},
        )
    )


def test_packs_are_planned_by_the_true_size_of_the_data(fresh: Checkout) -> None:
    """Even in the call that prepares them: a run is packed when its data are there."""
    put_text(fresh)
    assert "lanes=2, " in fresh.snakemake("-np", "runs")  # a guess
    assert "train: lstm/b4 started, 4 jobs" in fresh.snakemake("runs", "-c1")
    (fresh.root / "results/tiny/runs/lstm/b4/sgd/lr1/seed0.parquet").unlink()
    assert "lanes=24, work=2, " in fresh.snakemake("-np", "runs")


@pytest.mark.parametrize("target", ["runs", "results/data/mine.safetensors"])
def test_a_missing_file_is_told_with_its_key(fresh: Checkout, target: str) -> None:
    put_text(fresh)
    (fresh.root / "test.txt").unlink()
    said = fresh.snakemake("-n", target, code=1)
    sentence = "config/studies/tiny.yaml: datasets.mine.test: there is no file test.txt; put it "
    assert f"\nlargebatch: {sentence}there, or correct its name.\n" in said
    assert "Exception" not in said


def test_what_is_wrong_with_data_is_told_once_and_in_the_log(fresh: Checkout) -> None:
    put_text(fresh)
    (fresh.root / "train.txt").write_text("")
    fault = "train.txt has no words"
    assert fresh.snakemake("data", code=1).count(fault) == 1
    assert (fresh.root / "results/data/logs/mine.log").read_text().count(fault) == 1
