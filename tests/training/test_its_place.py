"""A run may be written anywhere: it keeps its name; other files there are not taken for runs."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from family_packs import STUDY, jobs_of, log, train

from largebatch.training.leases.lease import Leases
from largebatch.training.leases.taking import take

PLACES = ["mine.parquet", "lr1/mine.parquet", "a/b/c/d/lr0.1/e.parquet", "results/x/runs/y.parquet"]


@pytest.mark.parametrize("place", PLACES)
def test_its_name(place, tmp_path) -> None:
    for run, job in zip(STUDY.runs, all_jobs(tmp_path), strict=True):
        assert job.name == replace(job, out=Path(place)).name == run.name


def all_jobs(root: Path) -> list:
    return [job for family in STUDY.tasks for job in jobs_of(family, root, root)]


@pytest.mark.parametrize("place", PLACES)
def test_what_lies_beside_it_is_left_alone(place, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    job = replace(all_jobs(tmp_path)[0], out=Path(place))
    others = [Path("a/b/c/x/lr0.1", f"seed0.{kind}") for kind in ("parquet", "lease", "checkpoint")]
    others[0].parent.mkdir(parents=True)
    for other in others:
        other.write_text("{}")
        os.utime(other, (0, 0))  # as a lease, its holder is dead
    with Leases() as leases:
        assert take([job], leases, lambda: False).ours == [job]
    assert all(other.exists() for other in others)


def test_its_log(data, tmp_path) -> None:
    (job,) = jobs_of("lstm", data, tmp_path)[:1]
    elsewhere = replace(job, out=tmp_path / "mine.parquet")
    assert train([elsewhere], tmp_path) == 0
    assert all(f" {job.name} " in line for line in log(elsewhere).splitlines())
