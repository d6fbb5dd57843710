"""Outputs are set aside while they are made again, with Snakemake's records of them."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from snakemake_executor_plugin_lanes.aside import Aside

JOB = SimpleNamespace(output=["made.pdf", "made.svg"])


@pytest.fixture
def records(tmp_path, monkeypatch) -> dict[str, str]:
    """What Snakemake would know; made.svg is missing."""
    monkeypatch.chdir(tmp_path)
    Path("made.pdf").write_text("old")
    return {"made.pdf": "old"}


@pytest.fixture
def aside(records) -> Aside:
    persistence = SimpleNamespace(
        metadata=records.get,
        cleanup_metadata=lambda file: records.pop(file, None),
        _get_key=str,
        _write_record=records.__setitem__,
    )
    aside = Aside(SimpleNamespace(persistence=persistence))
    aside.set(JOB)
    records.update(dict.fromkeys(JOB.output, "new"))
    assert [path.name for path in Path().iterdir()] == [".made.pdf.old"]
    return aside


def test_a_failure_puts_them_back(aside, records) -> None:
    aside.put_back(JOB)
    aside.put_back(JOB)
    assert Path("made.pdf").read_text() == records["made.pdf"] == "old"
    assert [path.name for path in Path().iterdir()] == ["made.pdf"]


def test_success_removes_them(aside, records) -> None:
    Path("made.pdf").write_text("new")
    aside.drop(JOB)
    aside.put_back(JOB)
    aside.put_all_back()
    assert Path("made.pdf").read_text() == records["made.pdf"] == "new"
    assert [path.name for path in Path().iterdir()] == ["made.pdf"]


def test_what_is_whole_when_all_is_stopped_stays(aside, records) -> None:
    Path("made.pdf").write_text("new")
    aside.put_all_back()
    assert Path("made.pdf").read_text() == records["made.pdf"] == "new"


def test_stopping_puts_back_what_is_missing(aside, records) -> None:
    aside.put_all_back()
    assert Path("made.pdf").read_text() == records["made.pdf"] == "old"


def test_a_full_disk_costs_the_record_of_what_is_put_back(aside, records) -> None:
    """Not the file, nor those that are to be put back after it."""

    def full(key, record):
        raise OSError(errno.ENOSPC, "No space left on device")

    Path(".made.svg.old").write_text("old")
    aside.records["made.svg"] = "old"
    aside.persistence._write_record = full
    aside.put_all_back()
    assert Path("made.pdf").read_text() == Path("made.svg").read_text() == "old"
    assert records == {}


def test_what_cannot_be_put_back_now_is_put_back_in_the_end(aside, records, monkeypatch) -> None:
    """A shared file system may be away for a moment."""

    def stale(old, new):
        raise OSError(errno.ESTALE, "Stale file handle")

    with monkeypatch.context() as away:
        away.setattr("os.replace", stale)
        aside.put_back(JOB)
    assert not Path("made.pdf").exists()
    aside.put_all_back()
    assert Path("made.pdf").read_text() == records["made.pdf"] == "old"


def test_a_file_without_a_record_gets_none(aside, records) -> None:
    aside.records["made.pdf"] = None
    aside.put_back(JOB)
    assert Path("made.pdf").exists() and "made.pdf" not in records


def test_what_a_killed_snakemake_set_aside_is_not_put_back(aside, records) -> None:
    """What it was made from is not known any more."""
    aside.records.clear()
    aside.put_back(JOB)
    assert not Path("made.pdf").exists() and Path(".made.pdf.old").exists()
