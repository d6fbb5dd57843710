"""Forgeries whose digests all fit: sealed again, and table and picture made from them."""

import json
import math
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from damage import repeat_a_row

from largebatch.audit import Verdict
from largebatch.audit.checks.own_numbers import updates_an_epoch
from largebatch.audit.evidence.run_rows import row_faults
from largebatch.records import digest_of, read_sidecar, read_with_record, write_sidecar, write_table
from largebatch.training.history import Row, to_table

RUN = "results/tiny/runs/net_dots/b8/sgd/lr0.5/seed0.parquet"
OTHER_SEED = RUN.replace("seed0", "seed1")
OTHER_RATE = RUN.replace("lr0.5", "lr2")
OTHER_OPTIMIZER = RUN.replace("sgd", "momentum-0.9")
TABLE = "results/tiny/tables/fig1.parquet"
FIGURE = "results/tiny/figures/fig1"


def seal_again(checkout, change=lambda table: table, name=RUN, **fields) -> None:
    table, record = read_with_record(checkout.path(name))
    write_table(checkout.path(name), change(table), record | fields)
    if name != TABLE:
        checkout.table("fig1")
    checkout.figure("fig1")


def said(checkout) -> dict[str, str]:
    """{culprit: detail} of what is tampered with."""
    found = checkout.audit().findings
    return {f.culprit: f.detail for f in found if f.verdict is Verdict.CHANGED}


def record_of(checkout, name=RUN) -> dict:
    return read_with_record(checkout.path(name))[1]


FORGED_RECORDS = {
    "finished before it started": {"started": "2100-01-01T00:00:00.000+00:00"},
    "2999-01-01, which is in the future": {"finished": "2999-01-01T00:00:00.000+00:00"},
    "no valid times of start and finish": {"started": "", "finished": ""},
    "no valid times of start": {  # compared as texts, they would be later than they are
        "started": "1970-01-01T05:01:40.000+05:00",
        "finished": "1970-01-01T05:01:50.000+05:00",
    },
    "does not name results/data/dots.safetensors": {"inputs": []},
    "diverged in epoch 1, but its rows end at epoch 3": {
        "status": "diverged",
        "facts": {"diverged_epoch": 1},
    },
    "settings.task.dataset in its record is missing": {"settings": {}},
}


def test_a_clock_may_be_a_little_ahead(checkout):
    soon = datetime.now(UTC) + timedelta(hours=1)
    seal_again(checkout, finished=soon.isoformat(timespec="milliseconds"))
    assert not said(checkout)


def test_data_of_which_only_some_are_those_of_the_task(checkout):
    inputs = record_of(checkout)["inputs"]
    other = {"name": "results/data/other.safetensors", "table": "", "record": ""}
    seal_again(checkout, inputs=[*inputs, other])
    assert "does not name results/data/dots.safetensors" in said(checkout)[RUN]


def test_a_table_with_the_kind_of_another_folder(checkout):
    seal_again(checkout, name=TABLE, kind="run")
    assert "the kind 'run', which its name contradicts" in said(checkout)[TABLE]


@pytest.mark.parametrize("words", FORGED_RECORDS)
def test_a_record_that_contradicts_itself(checkout, words):
    seal_again(checkout, **FORGED_RECORDS[words])
    assert words in said(checkout)[RUN]


def test_modules_that_are_not_those_of_the_digest(checkout):
    code = record_of(checkout)["code"]
    seal_again(checkout, code={**code, "modules": {}})
    assert "code digest" in said(checkout)[RUN]
    assert digest_of(code["modules"]) == code["digest"]


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


def with_number(table: pa.Table, column: str, epoch: int, number: float | None) -> pa.Table:
    """The table with another number at one place, or with none."""
    place, numbers = table.column_names.index(column), table[column].to_pylist()
    numbers[epoch] = number
    return table.set_column(place, column, pa.array(numbers, table.schema.field(place).type))


def one_epoch_more(table: pa.Table) -> pa.Table:
    last = table.slice(3, 1).set_column(0, "epoch", pa.array([4], pa.int32()))
    return pa.concat_tables([table, last])


@pytest.mark.parametrize("words", FORGED_ROWS)
def test_rows_that_contradict_the_record(checkout, words):
    seal_again(checkout, FORGED_ROWS[words])
    assert words in said(checkout)[RUN]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([0, 3, 6, 9], "it has 3 updates per epoch, but its batch gives 7"),  # of batch 16
        ([0, 7, 14, 20], "steps do not rise from 0 by the same number"),
        ([7, 14, 21, 28], "steps do not rise from 0 by the same number"),
    ],
)
def test_the_numbers_of_another_batch(checkout, steps, words):
    seal_again(checkout, lambda table: table.set_column(1, "step", pa.array(steps)))
    assert words in said(checkout)[RUN]


@pytest.mark.parametrize(
    ("model", "last_batch", "updates"),
    [({}, "drop", 7), ({}, "keep", 8), ({"unroll": 2}, "drop", 3)],
)
def test_updates_are_those_of_training(model, last_batch, updates):
    settings = {"task": {"model": model, "last_batch": last_batch}, "batch": 8}
    assert updates_an_epoch(60, settings) == updates


@pytest.mark.parametrize("other", [OTHER_RATE, OTHER_OPTIMIZER])
def test_the_numbers_of_another_rate_or_optimizer(checkout, other):
    numbers, _ = read_with_record(checkout.path(other))
    seal_again(checkout, lambda _: numbers)
    assert "its first learning rate is not" in said(checkout)[RUN]


def at_another_rate(checkout, numbers: pa.Table) -> None:
    """The numbers of another run under the rates of this one."""
    rates = read_with_record(checkout.path(RUN))[0]["learning_rate"]
    place = numbers.column_names.index("learning_rate")
    seal_again(checkout, lambda _: numbers.set_column(place, "learning_rate", rates))


def test_the_numbers_of_another_rate_whose_rates_were_rewritten(checkout):
    """Nobody can tell which of the two is the copy."""
    at_another_rate(checkout, read_with_record(checkout.path(OTHER_RATE))[0])
    words = "its losses are, to the last bit, those of "
    assert said(checkout) == {RUN: words + OTHER_RATE, OTHER_RATE: words + RUN}


def test_runs_whose_rates_move_no_weight_are_alike(checkout):
    """Each test loss is that of the start, whichever tiny rate it was."""
    numbers, _ = read_with_record(checkout.path(OTHER_RATE))
    start = numbers["test_loss"][0].as_py()
    for epoch in range(1, len(numbers)):
        numbers = with_number(numbers, "test_loss", epoch, start)
    seal_again(checkout, lambda _: numbers, OTHER_RATE)
    at_another_rate(checkout, numbers)
    assert not said(checkout)


def test_the_numbers_of_another_seed(checkout):
    numbers, _ = read_with_record(checkout.path(RUN))
    seal_again(checkout, lambda _: numbers, OTHER_SEED)
    assert said(checkout) == {
        OTHER_SEED: "its first test loss is not that of the other runs of seed 1"
    }


def start_at(checkout, start: float, *names: str) -> None:
    for name in names:
        seal_again(checkout, lambda table: with_number(table, "test_loss", 0, start), name)


def test_the_start_of_a_seed_is_that_of_most_runs_though_their_last_bits_differ(checkout):
    *others, last = [run.path for run in checkout.study.runs_of("fig1") if run.seed == 0]
    for place, name in enumerate(others):
        start_at(checkout, 0.7 + 1e-6 * place, name)
    start_at(checkout, 0.9, last)
    assert set(said(checkout)) == {last}
    start_at(checkout, 0.9, RUN)
    start_at(checkout, 0.7, last)
    assert set(said(checkout)) == {RUN}


def test_of_two_starts_of_a_seed_that_are_as_frequent_neither_is_trusted(checkout):
    runs = [run.path for run in checkout.study.runs_of("fig1") if run.seed == 0]
    start_at(checkout, 0.9, *runs[:2])
    words = "the runs of seed 0 have different first test losses"
    assert said(checkout) == dict.fromkeys(runs, words)


@pytest.mark.parametrize("hidden", [None, float("nan"), float("inf")])
def test_the_numbers_of_another_seed_whose_start_is_hidden(checkout, hidden):
    """Without a number in row 0 nobody could tell whose they are."""
    numbers, _ = read_with_record(checkout.path(RUN))
    seal_again(checkout, lambda _: with_number(numbers, "test_loss", 0, hidden), OTHER_SEED)
    assert f"test_loss at epoch 0 is {json.dumps(hidden)}," in said(checkout)[OTHER_SEED]


def test_a_run_that_was_never_finite(checkout):
    """Weights that overflow before the first step: an honest run of one row, which diverged."""
    diverged = {"status": "diverged", "facts": {"diverged_epoch": 1}}
    seal_again(
        checkout, lambda table: with_number(table, "test_loss", 0, math.inf).slice(0, 1), **diverged
    )
    assert not said(checkout)


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


def test_a_whole_seed_copied(checkout):
    """Slightly changed after the first row, so that no two files hold the same numbers.

    Nobody can tell the copy, so the runs of both seeds are named.
    """
    for run in [r for r in checkout.study.runs_of("fig1") if r.seed == 1]:
        from_run, _ = read_with_record(checkout.path(run.path.replace("seed1", "seed0")))
        status = {"status": "finished", "facts": {}}
        seal_again(checkout, lambda _, numbers=from_run: nudged(numbers), run.path, **status)
    words = "its first test loss is also that of seed "
    runs = checkout.study.runs_of("fig1")
    assert said(checkout) == {run.path: f"{words}{1 - run.seed}" for run in runs}


def nudged(table: pa.Table) -> pa.Table:
    first, *others = table["test_loss"].to_pylist()
    place = table.column_names.index("test_loss")
    return table.set_column(place, "test_loss", pa.array([first, *(v * 1.01 for v in others)]))


def test_an_input_named_twice(checkout):
    """The digests that are there now before those that the table was made from."""
    inputs = record_of(checkout, TABLE)["inputs"]
    seal_again(checkout, name=TABLE, inputs=[inputs[0], *inputs])
    assert "names the same input twice" in said(checkout)[TABLE]


def test_pictures_of_another_drawing_under_their_own_digests(checkout):
    path = checkout.path(f"{FIGURE}.json")
    sidecar = read_sidecar(path)
    outputs = [path.with_suffix(f".{ending}") for ending in ("png", "pdf", "svg")]
    for output in outputs:
        output.write_bytes(output.with_name(f"fig3{output.suffix}").read_bytes())
    write_sidecar(path, sidecar.record, sidecar.identity, outputs)
    assert set(said(checkout)) == {f"{FIGURE}.{ending}" for ending in ("png", "pdf", "svg")}
    assert "identity of another drawing" in said(checkout)[f"{FIGURE}.png"]


def test_old_pictures_kept_over_a_new_table(checkout):
    """Their identity follows from the sidecar's first input, a table that is not there any more."""
    path = checkout.path(f"{FIGURE}.json")
    old = read_sidecar(path)
    pictures = {path.with_name(name): path.with_name(name).read_bytes() for name in old.outputs}
    seal_again(checkout, nudged)
    for picture, content in pictures.items():
        picture.write_bytes(content)
    first = {**old.record["inputs"][0], "name": "results/tiny/tables/fig3.parquet"}
    record = read_sidecar(path).record
    record["inputs"].insert(0, first)
    write_sidecar(path, record, old.identity, pictures)
    assert "identity does not follow" in said(checkout)[f"{FIGURE}.json"]
