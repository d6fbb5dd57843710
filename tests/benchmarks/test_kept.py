"""A table on disk is added to by later calls on the same machine, and by no other's."""

import sys

import pytest
from parts.kept import Kept, read
from rows import save

FACTS = {"date": "2026-01-01", "device": "a GPU", "torch": "2.11", "command": "first"}


def kept(folder, **changes) -> Kept:
    return Kept("t", ("what", "lanes"), lambda row: row["lanes"], FACTS | changes, folder)


def row(what: str, lanes: int, seconds: float) -> dict:
    return {"what": what, "lanes": lanes, "seconds": seconds}


@pytest.fixture(params=["parquet", "json"])
def folder(request, tmp_path, monkeypatch):
    if request.param == "json":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    kept(tmp_path).add([row("a", 1, 5.0), row("a", 4, 2.0)])
    assert (tmp_path / f"t.{request.param}").exists()
    return tmp_path


def test_new_rows_replace_those_of_their_case(folder):
    kept(folder, command="second").add([row("a", 4, 1.0)])
    last = kept(folder, command="third", date="2026-01-02")
    last.add([row("b", 2, 3.0)])
    last.add([])
    rows, facts = read("t", folder)
    assert rows == last.rows == [row("a", 1, 5.0), row("b", 2, 3.0), row("a", 4, 1.0)]
    assert facts["command"] == "first; second; third"
    assert facts["date"] == "2026-01-01; 2026-01-02"


@pytest.mark.parametrize("change", [{"device": "another GPU"}, {"torch": "2.12"}])
def test_another_machines_rows_are_replaced(folder, change):
    kept(folder, command="second", **change).add([row("b", 2, 3.0)])
    assert read("t", folder) == ([row("b", 2, 3.0)], FACTS | change | {"command": "second"})


def test_facts_that_one_call_alone_has_are_kept(tmp_path):
    save("t", [row("a", 1, 5.0)], FACTS | {"driver": "580"}, tmp_path)
    kept(tmp_path).add([row("b", 2, 3.0)])
    assert read("t", tmp_path)[1] == FACTS | {"driver": "580"}


@pytest.mark.parametrize("change", [{}, {"device": "another GPU"}])
def test_where_nothing_was_measured_the_table_stays(folder, change):
    before = {file: file.read_bytes() for file in folder.iterdir()}
    assert kept(folder, command="second", **change).add([]) is None
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
