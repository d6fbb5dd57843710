"""What the table of a run may hold, given its record: its columns, its rows and their numbers.

Whoever forges a run by hand has to get these right too. Whether the numbers are the run's own, and
not another's, is asked in `checks/own_numbers.py`.
"""

import json
from collections.abc import Iterator
from sys import float_info

import numpy as np
import pyarrow as pa

from largebatch.analysis.metrics import is_accuracy
from largebatch.records.digest import bits
from largebatch.study.kinds.table import KINDS
from largebatch.training.history import SCHEMA

NUMBERS = SCHEMA.names[2:]  # those of an epoch: all columns but `epoch` and `step`


def row_faults(run: dict, table: pa.Table) -> Iterator[str]:
    """Half a sentence for each fault; `run` is its record. Each check relies on those before it."""
    if not table.schema.equals(SCHEMA):
        yield "its columns are not those of a run"
        return
    epochs = table["epoch"].to_pylist()
    if epochs != list(range(len(epochs) or 1)):
        yield "its rows are not the epochs in order, each exactly once"
        return
    yield from _end(run, len(epochs) - 1)
    yield from _numbers(run, table)
    yield from _rate(run["settings"], table)
    steps = table["step"].to_pylist()
    if None in steps or steps != [epoch * (steps[1] if epoch else 0) for epoch in epochs]:
        yield "its steps do not rise from 0 by the same number in each epoch"


def _end(run: dict, last: int) -> Iterator[str]:
    """A finished run has all epochs, a diverged one those before the epoch in its record."""
    planned, diverged = run["settings"]["task"]["epochs"], run["facts"].get("diverged_epoch")
    if run["status"] == "finished" and last != planned:
        yield f"its record says that it finished, but its rows end at epoch {last} of {planned}"
    if run["status"] == "diverged" and last + 1 != diverged:
        said = f"its record says that it diverged in epoch {diverged}"
        yield f"{said}, but its rows end at epoch {last}"


def _numbers(run: dict, table: pa.Table) -> Iterator[str]:
    """Each number is there, unless no such run has it, and is one that training can give.

    Row 0, before training, has no `train_*`, and only some kinds of model have accuracies, which
    are fractions. All others are finite and at least 0; but if the weights overflow at once, row 0
    is the only one, and its test loss may be anything.
    """
    kind = run["settings"]["task"]["model"]["kind"]
    metrics = KINDS[kind].metrics if kind in KINDS else ()
    for name in NUMBERS:
        lacking = is_accuracy(name) and name not in metrics
        nulls = len(table) if lacking else int(name.startswith("train_"))  # the first rows
        highest = 1.0 if is_accuracy(name) else float_info.max
        values, there = values_of(table, name), bits(table[name].combine_chunks(), 0)
        possible = (values >= 0) & (values <= highest)
        wrong = (there != (np.arange(len(table)) >= nulls)) | (there & ~possible)
        if wrong.any() and (name, len(table)) != ("test_loss", 1):
            epoch = int(wrong.argmax())
            found = json.dumps(table[name][epoch].as_py())
            yield f"its {name} at epoch {epoch} is {found}, which no such run has"


def values_of(table: pa.Table, name: str) -> np.ndarray:
    """(rows,) of a column of floats; anything where there is no value."""
    column = table[name].combine_chunks()
    return np.frombuffer(column.buffers()[1])[column.offset :][: len(column)]


def _rate(settings: dict, table: pa.Table) -> Iterator[str]:
    rate = float(settings["effective_lr"]) * (1 - float(settings["momentum"]))
    if table["learning_rate"][0].as_py() != rate:
        yield f"its first learning rate is not {rate:g}, which its settings give"
