"""Forged rows whose digests all fit, of a run that says it was another: no run has such numbers."""

import json
import math

import pyarrow as pa
import pytest
from damage import repeat_a_row, with_number
from verdicts import OTHER_RUN, RUN, faults

from largebatch.audit.checks.own_numbers import updates_an_epoch
from largebatch.audit.evidence.run_rows import row_faults
from largebatch.records import read_table
from largebatch.training.history import Row, to_table

FORGED_ROWS = {
    "the epochs in order": repeat_a_row,
    "are not the epochs": lambda table: table.slice(0, 0),
    "rows end at epoch 2 of 3": lambda table: table.slice(0, 3),
    "rows end at epoch 4 of 3": lambda table: one_epoch_more(table),
    "columns are not those of a run": lambda table: table.drop_columns(["learning_rate"]),
    "its columns are not those": lambda table: table.drop_columns(["train_accuracy"]),
    "columns are not those": lambda table: table.append_column("test_loss_2", table["test_loss"]),
    "train_loss at epoch 1 is null": lambda table: with_number(table, "train_loss", 1, None),
    "train_loss at epoch 0 is 1.0": lambda table: with_number(table, "train_loss", 0, 1.0),
    "train_loss at epoch 2 is NaN": lambda table: with_number(table, "train_loss", 2, math.nan),
    "test_loss at epoch 3 is -0.1": lambda table: with_number(table, "test_loss", 3, -0.1),
    "test_loss at epoch 0 is null": lambda table: with_number(table, "test_loss", 0, None),
    "test_accuracy at epoch 3 is 0.5": lambda table: with_number(table, "test_accuracy", 3, 0.5),
    "learning_rate at epoch 1 is null": lambda t: with_number(t, "learning_rate", 1, None),
    "seconds at epoch 3 is -1.0": lambda table: with_number(table, "seconds", 3, -1.0),
    "steps do not rise from 0": lambda table: with_number(table, "step", 1, None),
}


def one_epoch_more(table: pa.Table) -> pa.Table:
    last = table.slice(3, 1).set_column(0, "epoch", pa.array([4], pa.int32()))
    return pa.concat_tables([table, last])


@pytest.mark.parametrize("words", FORGED_ROWS)
def test_rows_that_contradict_the_record(checkout, words):
    checkout.reseal(FORGED_ROWS[words])
    assert words in faults(checkout.audit())[RUN]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([0, 3, 6, 9], "it has 3 updates per epoch, but its batch gives 7"),  # of batch 16
        ([0, 7, 14, 20], "steps do not rise from 0 by the same number"),
        ([7, 14, 21, 28], "steps do not rise from 0 by the same number"),
    ],
)
def test_the_numbers_of_another_batch(checkout, steps, words):
    checkout.reseal(lambda table: table.set_column(1, "step", pa.array(steps)))
    assert words in faults(checkout.audit())[RUN]


@pytest.mark.parametrize(
    ("model", "last_batch", "updates"),
    [({}, "drop", 7), ({}, "keep", 8), ({"unroll": 2}, "drop", 3)],
)
def test_updates_are_those_of_training(model, last_batch, updates):
    settings = {"task": {"model": model, "last_batch": last_batch}, "batch": 8}
    assert updates_an_epoch(60, settings) == updates


@pytest.mark.parametrize("hidden", [None, float("nan"), float("inf")])
def test_the_numbers_of_another_seed_whose_start_is_hidden(checkout, hidden):
    """Without a number in row 0 nobody could tell whose they are."""
    numbers = read_table(checkout.path(RUN))
    checkout.reseal(lambda _: with_number(numbers, "test_loss", 0, hidden), OTHER_RUN)
    assert f"test_loss at epoch 0 is {json.dumps(hidden)}," in faults(checkout.audit())[OTHER_RUN]


def test_a_run_that_was_never_finite(checkout):
    """Weights that overflow before the first step: an honest run of one row, which diverged."""
    diverged = {"status": "diverged", "facts": {"diverged_epoch": 1}}
    checkout.reseal(
        lambda table: with_number(table, "test_loss", 0, math.inf).slice(0, 1), **diverged
    )
    assert not faults(checkout.audit())


def of_images(**changes: list[float | None]) -> tuple[dict, pa.Table]:
    """Record and rows of a run of one epoch whose kind of model has accuracies."""
    settings = {"task": {"epochs": 1, "model": {"kind": "wrn"}}, "effective_lr": 1, "momentum": 0}
    run = {"status": "finished", "settings": settings, "facts": {}}
    rows = [Row(0, 0, 1.0, None, 2.3, None, 0.1, 0.1), Row(1, 7, 1.0, 2.0, 1.9, 1.0, 0.0, 0.1)]
    table = to_table(rows)
    for name, numbers in changes.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(numbers, pa.float64()))
    return run, table


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"test_accuracy": [0.1, 1.01]}, "its test_accuracy at epoch 1 is 1.01,"),
        ({"test_accuracy": [-0.1, 1.0]}, "its test_accuracy at epoch 0 is -0.1,"),
        ({"test_accuracy": [0.1, None]}, "its test_accuracy at epoch 1 is null,"),
        ({"train_accuracy": [None, None]}, "its train_accuracy at epoch 1 is null,"),
        ({"train_accuracy": [0.1, 1.0]}, "its train_accuracy at epoch 0 is 0.1,"),
    ],
)
def test_accuracies_are_fractions_and_there_where_the_model_has_some(changes, words):
    first = next(row_faults(*of_images(**changes)), None)
    assert first == (words and f"{words} which no such run has")
