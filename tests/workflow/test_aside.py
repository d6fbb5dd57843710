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


def an_aside(records) -> Aside:
    persistence = SimpleNamespace(
        _read_record=records.get,
        _write_record=records.__setitem__,
        _delete_record=lambda file: records.pop(file, None),
        _clear_cache=lambda: None,
    )
    return Aside(SimpleNamespace(persistence=persistence))


@pytest.fixture
def aside(records) -> Aside:
    """made.pdf is set aside, and what it is made from now is recorded."""
    aside = an_aside(records)
    aside.set(JOB)
    records.update(dict.fromkeys(JOB.output, "new"))
    assert files() == [".made.pdf.old"]
    return aside


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def is_old(records) -> bool:
    """Is everything as it was, and nothing left aside?"""
    content = Path("made.pdf").read_text()
    return content == "old" == records["made.pdf"] and files() == ["made.pdf"] and len(records) == 2


def is_new(records) -> bool:
    known = {"made.pdf": "new", "made.svg": "new"}
    return Path("made.pdf").read_text() == "new" and files() == ["made.pdf"] and records == known


def test_a_failure_puts_them_back(aside, records) -> None:
    aside.put_back(JOB)
    aside.put_back(JOB)
    assert is_old(records)


def test_success_removes_them(aside, records) -> None:
    Path("made.pdf").write_text("new")
    aside.drop(JOB)
    assert not aside.open  # a thousand jobs are not looked at again in the end
    aside.put_back(JOB)
    aside.settle_all()
    assert is_new(records)


def test_what_is_whole_when_all_is_stopped_stays(aside, records) -> None:
    Path("made.pdf").write_text("new")
    aside.settle_all()
    assert is_new(records)


def test_stopping_puts_back_what_is_missing(aside, records) -> None:
    aside.settle_all()
    assert is_old(records)


def test_a_full_disk_costs_the_record_of_what_is_put_back(aside, records) -> None:
    """Not the file, nor those that are to be put back after it. No old file gets a new record."""

    def full(key, record):
        raise OSError(errno.ENOSPC, "No space left on device")

    Path(".made.svg.old").write_text("old")
    aside.records.persistence._write_record = full
    aside.settle_all()
    assert Path("made.pdf").read_text() == Path("made.svg").read_text() == "old"
    assert records == {}


def test_a_record_that_cannot_be_removed_leaves_the_file_aside(aside, records) -> None:
    """The old file with the new record would pass for a new one."""

    def away(key):
        raise OSError(errno.EIO, "Input/output error")

    aside.records.persistence._delete_record = away
    aside.put_back(JOB)
    assert files() == [".made.pdf.old"]


def test_what_cannot_be_put_back_now_is_put_back_in_the_end(aside, records, monkeypatch) -> None:
    """A shared file system may be away for a moment."""

    def stale(old, new):
        raise OSError(errno.ESTALE, "Stale file handle")

    with monkeypatch.context() as away:
        away.setattr("os.replace", stale)
        aside.put_back(JOB)
    assert not Path("made.pdf").exists()
    aside.settle_all()
    assert is_old(records)


def test_a_file_without_a_record_gets_none(aside, records) -> None:
    del records[".made.pdf.old"]
    aside.put_back(JOB)
    assert Path("made.pdf").exists() and "made.pdf" not in records


@pytest.mark.parametrize("made_again", [True, False])
@pytest.mark.parametrize("how", ["fails", "stops", "finds it ended"])
def test_what_a_killed_snakemake_set_aside_is_put_back_by_a_later_one(
    aside, records, how, made_again
) -> None:
    """Which need not make it again: an adopted pack goes on, or it has ended meanwhile."""
    again = an_aside(records)
    if how == "finds it ended":
        again.settle(JOB.output)
    else:
        (again.set if made_again else again.watch)(JOB)
        again.put_back(JOB) if how == "fails" else again.settle_all()
    assert is_old(records)


def test_what_a_killed_snakemake_had_made_stays(aside, records) -> None:
    Path("made.pdf").write_text("new")
    an_aside(records).settle(JOB.output)
    assert is_new(records)
