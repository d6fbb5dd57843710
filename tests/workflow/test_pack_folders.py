"""Folders of packs that cannot be read: their disk is away, or what is in them is not ours."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cluster_stubs import a_job, handed_in, in_queue, info, the_next

from largebatch.training.leases.spool import SPOOL
from snakemake_executor_plugin_lanes import folders


@pytest.fixture
def disk(monkeypatch):
    """Take a part of the disk away, and bring it back: `disk(lambda path: ...)`, `disk(None)`.

    Meanwhile `Path.exists` answers as Python 3.14's does: no.
    """
    stat, away = os.stat, [None]

    def stale(path, *arguments, **options):
        if away[0] and away[0](Path(os.fsdecode(path))):
            raise OSError(errno.ESTALE, "Stale file handle", path)
        return stat(path, *arguments, **options)

    def take(part: Callable[[Path], bool] | None) -> None:
        away[0] = part

    monkeypatch.setattr(os, "stat", stale)
    monkeypatch.setattr(Path, "exists", os.path.exists)
    return take


def test_a_disk_that_is_away_has_finished_no_run(stub, disk) -> None:
    """Only a folder that is known to be gone means that all its runs are done."""
    pack = handed_in()
    disk(lambda path: pack.folder in (path, *path.parents))
    with pytest.raises(OSError, match="Stale"):
        pack.settle()
    assert pack.unsettled and not pack.ended


def test_nothing_is_adopted_or_cancelled_while_the_disk_is_away(stub, disk, capsys) -> None:
    """An old result does not pass for that of a pack which cannot be looked at."""
    stub("scancel", "touch cancelled")
    before = handed_in(0, 1)
    Path("results/runs").mkdir(parents=True)
    Path("results/runs/seed0.parquet").touch()
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again, waiting = the_next(), [info(a_job(0))]
    disk(lambda path: before.folder in (path, *path.parents))
    for _ in range(2):
        assert again._adopt(waiting) is None and not again.running
    assert capsys.readouterr().out.count("no pack starts until it is known which") == 1
    disk(None)
    assert not Path("cancelled").exists()
    assert again._adopt(waiting) == [] and len(again.running) == 1


def test_no_pack_is_marked_as_ended_while_the_disk_is_away(stub, disk) -> None:
    """It would not be adopted any more."""
    pack = handed_in()
    content = pack.file.read_text().replace('"pid"', '"other"')  # of a Snakemake that is gone
    pack.file.write_text(content)
    disk(lambda path: path.name in ("batch.sh", "ended"))
    folders.clear(SPOOL)
    disk(None)
    assert not (pack.folder / "ended").exists() and the_next().left_over.packs


ODD = [
    *("", "{", "{}", "[]", "3", '{"runs": 3}', '{"runs": [3]}', '{"runs": [{"out": "a"}]}'),
    '{"runs": [{"out": 1, "done": "b"}], "holder": 1}',
    '{"runs": [{"out": "a", "done": 1}]}',
]


@pytest.mark.parametrize("content", ODD)
def test_a_folder_that_is_none_of_ours_stops_no_snakemake(stub, content) -> None:
    for name in ("pack.json", "batch.sh", "job"):
        file = SPOOL / "train-0" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    assert the_next().left_over.packs == {}
    folders.clear(SPOOL)
    (SPOOL / "train-0/batch.sh").unlink()  # now it could be a local pack
    folders.clear(SPOOL)
    assert (SPOOL / "train-0/ended").exists()
    folders.clear(SPOOL)
    assert (SPOOL / "train-0").exists()
