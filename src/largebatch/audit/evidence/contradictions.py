"""Contradictions in an artefact whose digests all fit: within its record, or with its rows.

Whoever forges a record by hand has to get these right too; `run_rows.py` has those of a run's rows.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from largebatch.audit.evidence.record_form import other_fields, other_values
from largebatch.audit.evidence.run_rows import row_faults
from largebatch.audit.subjects.subject import is_data, is_run
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import digest_of
from largebatch.records.record import KINDS, STATUSES
from largebatch.study.plan import Plan

CLOCKS = timedelta(days=1)  # an honest machine's clock is not further ahead


def first_fault(record: Any, table: pa.Table | None = None) -> str | None:
    """The first fault as half a sentence, or None.

    record: any JSON. table: that of a run. The order matters: each check relies on those before it.
    """
    checks = (other_fields, _kind, _times, _code, _inputs, other_values, _files)
    first = next((fault for check in checks for fault in check(record)), None)
    if first or record["kind"] != "run" or table is None:
        return first
    return next(_data(record), None) or next(row_faults(record, table), None)


def _kind(record: dict) -> Iterator[str]:
    """Kind and status must be ones that exist, or later checks would be skipped."""
    if record["kind"] not in KINDS or record["status"] not in STATUSES:
        said = f"the kind '{record['kind']}' and the status '{record['status']}'"
        yield f"its record has {said}, which no step writes"
    lies = {"run": is_run(record["name"]), "data": is_data(record["name"])}
    if lies != {kind: kind == record["kind"] for kind in lies}:
        yield f"its record has the kind '{record['kind']}', which its name contradicts"


def _times(record: dict) -> Iterator[str]:
    """Times are compared as texts, so they must have the form in which records state them."""
    texts = [record["started"], record["finished"]]
    try:
        times = [datetime.fromisoformat(text) for text in texts]
        written = [time.astimezone(UTC).isoformat(timespec="milliseconds") for time in times]
    except (ValueError, OverflowError):  # not a date
        written = []
    if written != texts:
        yield "its record has no valid times of start and finish"
        return
    started, finished = times
    if started > finished:
        yield "its record says that it finished before it started"
    elif finished > datetime.now(UTC) + CLOCKS:
        yield f"its record says that it finished on {finished:%Y-%m-%d}, which is in the future"


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


def _data(run: dict) -> Iterator[str]:
    wanted = Plan.data(run["settings"]["task"]["dataset"])
    if [each["name"] for each in run["inputs"]] != [wanted]:
        yield f"its record does not name {wanted}, its task's dataset, as its only input"
