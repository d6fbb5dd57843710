"""Contradictions in an artefact whose digests all fit: within its record, or with its rows.

Whoever forges a record by hand has to get these right too.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from largebatch.audit.form import other_fields, other_values
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import digest_of
from largebatch.records.record import KINDS, STATUSES
from largebatch.study.plan import Plan
from largebatch.training.history import SCHEMA

FOLDERS = {"run": "/runs/", "data": "results/data/"}  # kind: folder of its files and of no others
CLOCKS = timedelta(days=1)  # an honest machine's clock is not further ahead


def first_fault(record: Any, table: pa.Table | None = None) -> str | None:
    """The first fault as half a sentence, or None.

    record: any JSON. table: that of a run. The order matters: each check relies on those before it.
    """
    checks = (other_fields, _kind, _times, _code, _inputs, other_values, _files)
    first = next((fault for check in checks for fault in check(record)), None)
    if first or record["kind"] != "run" or table is None:
        return first
    try:
        of_runs = (_data, _columns, _rows)
        return next((fault for check in of_runs for fault in check(record, table)), None)
    except TypeError:
        return "its columns have nulls where no run has one"


def _kind(record: dict) -> Iterator[str]:
    """Kind and status must be ones that exist, or later checks would be skipped."""
    if record["kind"] not in KINDS or record["status"] not in STATUSES:
        said = f"the kind '{record['kind']}' and the status '{record['status']}'"
        yield f"its record has {said}, which no step writes"
    named = next((kind for kind, folder in FOLDERS.items() if folder in record["name"]), None)
    if named != (record["kind"] if record["kind"] in FOLDERS else None):
        yield f"its record has the kind '{record['kind']}', which its name contradicts"


def _times(record: dict) -> Iterator[str]:
    try:
        started, finished = (datetime.fromisoformat(record[k]) for k in ("started", "finished"))
        if started > finished:
            yield "its record says that it finished before it started"
        elif finished > datetime.now(UTC) + CLOCKS:
            yield f"its record says that it finished on {finished:%Y-%m-%d}, which is in the future"
    except (ValueError, TypeError):  # not a date, or one without a time zone
        yield "its record has no valid times of start and finish"


def _code(record: dict) -> Iterator[str]:
    if record["code"]["digest"] != digest_of(record["code"]["modules"]):
        yield "the code digest in its record does not match the modules listed there"


def _inputs(record: dict) -> Iterator[str]:
    names = [each["name"] for each in record["inputs"]]
    if len(set(names)) < len(names):
        yield "its record names the same input twice"


def _files(record: dict) -> Iterator[str]:
    if record["kind"] != "data":
        return
    try:
        own_files(record["settings"])
    except UserError as error:
        yield f"the settings in its record are not valid: {error}"


def _data(run: dict, _: pa.Table) -> Iterator[str]:
    wanted = Plan.data(run["settings"]["task"]["dataset"])
    if [each["name"] for each in run["inputs"]] != [wanted]:
        yield f"its record does not name {wanted}, its task's dataset, as its only input"


def _columns(_: dict, table: pa.Table) -> Iterator[str]:
    if [field for field in table.schema if field.name in SCHEMA.names] != [*SCHEMA]:
        yield "its columns are not those of a run"


def _rows(run: dict, table: pa.Table) -> Iterator[str]:
    """The rows of a run: its epochs, updates, first learning rate and losses.

    Epochs go from 0 to the last, to the planned one if the run finished; every epoch has as many
    updates; the first rate is that of the settings; test losses are finite.
    """
    settings = run["settings"]
    epochs = table["epoch"].to_pylist()
    if epochs != list(range(len(epochs))):
        yield "its rows are not the epochs in order, each exactly once"
        return
    last = len(epochs) - 1
    planned, diverged = settings["task"]["epochs"], run["facts"].get("diverged_epoch")
    if run["status"] == "finished" and last != planned:
        yield f"its record says that it finished, but its rows end at epoch {last} of {planned}"
    if run["status"] == "diverged" and last + 1 != diverged:
        said = f"its record says that it diverged in epoch {diverged}"
        yield f"{said}, but its rows end at epoch {last}"
    rate = float(settings["effective_lr"]) * (1 - float(settings["momentum"]))
    if epochs and table["learning_rate"][0].as_py() != rate:
        yield f"its first learning rate is not {rate:g}, which its settings give"
    updates = table["step"].to_pylist()
    if updates != [epoch * (updates[1] if last > 0 else 0) for epoch in epochs]:
        yield "its steps do not rise from 0 by the same number in each epoch"
    losses = table["test_loss"].to_pylist()
    broken = [k for k, loss in enumerate(losses) if loss is None or not math.isfinite(loss)]
    if broken and last > 0:  # if weights overflow at once, row 0 is the only one
        yield f"its test loss at epoch {broken[0]} is not a finite number"
    if run["status"] == "finished" and table["train_loss"].slice(1).null_count:
        yield "it has no training loss at some epoch"
