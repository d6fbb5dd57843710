"""A record with other kinds of values than a step writes is tampered with, and ends no audit."""

import copy
import json
import random
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from safetensors.numpy import load_file
from verdicts import DATA, RUN, TABLE, faults

from largebatch.audit import Verdict, find_file, full_text
from largebatch.data import store as store_room
from largebatch.data.load import read_dataset_record
from largebatch.data.store import write_dataset
from largebatch.records import read_with_record, write_table
from largebatch.records import tables as tables_room

FACTS = {
    "device": "cuda",
    "pack_mates": ["net_dots/b8/sgd/lr2/seed0"],
    "execution": {"kernels": "own", "graphs": "on", "convolutions": "grouped"},
    "peak_memory_mb": 3.5,
}
VALUES = (0, -1, "", [], {}, None, True, 10**400, "\ud800", 1e400)
FORGED = [
    ("settings.batch", 0, "settings.batch in its record is 0"),
    ("settings.batch", "8", 'settings.batch in its record is "8"'),
    ("settings.task.model", [], "settings.task.model.kind in its record is null"),
    ("settings.task.model", {}, "settings.task.model.kind in its record is missing"),
    ("settings.task.model.unroll", 0, "settings.task.model.unroll in its record is 0"),
    ("settings.seed", [], "settings.seed in its record is []"),
    ("settings.seed", 1e400, "it has no record of what made it"),
    ("settings.momentum", 10**400, "settings.momentum in its record is 1000"),
    ("facts.execution", [], "facts.execution in its record is []"),
    ("packages.numpy", 2, "malformed: packages"),
    ("hardware.gpu", 2, "malformed: hardware"),
    ("kind", "table", "its record has the kind 'table', which its name contradicts"),
    ("status", "done", "its record has the kind 'run' and the status 'done', which no step writes"),
]
LONG = "x" * 300  # as a file's name: more than any file has
LEAVES = 60  # of some hundred, drawn with one seed


@pytest.fixture
def forge(checkout, monkeypatch):
    """Put a value into a run's record, seal it again, and audit the run, also by training it."""
    table, record = read_with_record(checkout.path(RUN))
    record["facts"] = FACTS
    run = next(run for run in checkout.study.runs if run.path == RUN)
    as_json = partial(json.dumps, sort_keys=True, separators=(",", ":"))  # infinities, too

    def audit(path: tuple, value: object):
        forged = copy.deepcopy(record)
        inside = forged
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = value
        with monkeypatch.context() as forger:
            forger.setattr(tables_room, "canonical_json", as_json)
            write_table(checkout.path(RUN), table, forged)
        return checkout.audit(run.name, train=lambda _: table.slice(0, 1), reruns=1)

    audit.record = record
    return audit


@pytest.mark.parametrize(("key", "value", "words"), FORGED, ids=[row[2] for row in FORGED])
def test_what_no_step_writes_is_told(forge, key, value, words):
    changed = [f for f in forge(tuple(key.split(".")), value).findings if f.culprit == RUN]
    [detail] = [f.detail for f in changed if f.verdict is Verdict.CHANGED]
    assert words in detail


@pytest.mark.parametrize("facts", [[], {"files": []}])
def test_facts_that_no_dataset_has_are_told(checkout, facts):
    path = checkout.path(DATA)
    write_dataset(path, load_file(path), facts, read_dataset_record(path))
    assert faults(checkout.audit("dots")) == {DATA: "its facts are not those of a dataset"}


def test_a_number_of_a_dataset_that_json_does_not_have_is_told(checkout, monkeypatch):
    path = checkout.path(DATA)
    record = read_dataset_record(path) | {"facts": {"peak_memory_mb": float("nan")}}
    monkeypatch.setattr(store_room, "canonical_json", json.dumps)
    write_dataset(path, load_file(path), {}, record)
    assert faults(checkout.audit("dots")) == {DATA: "its facts are not those of a dataset"}


@pytest.mark.parametrize("name", [f"tiny/runs/{LONG}.parquet", f"data/{LONG}.safetensors"])
def test_an_input_with_a_name_that_no_file_can_have(checkout, name):
    table, record = read_with_record(checkout.path(TABLE))
    forged = {"name": f"results/{name}", "table": ""}
    write_table(checkout.path(TABLE), table, record | {"inputs": [*record["inputs"], forged]})
    missing = [f.what for f in checkout.audit().findings if f.verdict is Verdict.MISSING]
    assert missing == [forged["name"]]


def test_a_copy_or_own_file_with_such_a_name(checkout, tmp_path):
    table, record = read_with_record(checkout.path(RUN))
    write_table(tmp_path / "copy.parquet", table, record | {"name": f"results/tiny/{LONG}"})
    [found] = find_file(tmp_path / "copy.parquet", checkout.root)[1]
    assert found.verdict is Verdict.CHANGED
    path, own = checkout.path(DATA), {"source": "text", "train": LONG, "test": LONG}
    write_dataset(path, load_file(path), {}, read_dataset_record(path) | {"settings": own})
    assert LONG in {f.what for f in checkout.audit("dots").findings}


def test_the_name_of_a_patch_leads_nowhere(forge, tmp_path):
    """What a commit holds is unpacked into a folder that has the name of the patch."""
    elsewhere = f"{'/..' * 30}{tmp_path}/elsewhere"
    forge(("git",), forge.record["git"] | {"dirty": True, "patch": elsewhere})
    assert not (tmp_path / "elsewhere").exists()


def test_tensors_that_no_dataset_has_are_told(checkout):
    """Without images or tokens nobody could count the updates of an epoch."""
    path = checkout.path(DATA)
    write_dataset(path, {"images": np.zeros((60, 4))}, {}, read_dataset_record(path))
    checkout.train_all(checkout.study.runs)
    changed = {f.detail for f in checkout.audit("fig1").findings if f.culprit == DATA}
    assert changed == {"its tensors include no training images or tokens"}


def test_no_value_ends_an_audit(forge):
    fields = {key: forge.record[key] for key in ("settings", "facts")}
    every = [(path, value) for path in _leaves(fields) for value in VALUES]
    for path, value in random.Random(7).sample(every, LEAVES):
        report = forge(path, value)
        assert full_text(report, everything=True) and json.dumps(report.to_dict())


def _leaves(value: object, path: tuple = ()) -> Iterator[tuple]:
    """Where something stands, mappings and lists too."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, each in inside:
        yield from _leaves(each, (*path, key))
