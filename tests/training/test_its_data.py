"""A data set that cannot be used fails the pack with one sentence in each log, no traceback."""

import shutil
from dataclasses import replace

import pytest
from family_packs import digests, jobs_of, log, train


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_data_that_cannot_be_used(damage, data, tmp_path) -> None:
    (job, *_) = jobs_of("autoencoder", data, tmp_path)
    mine = tmp_path / job.data.name
    if damage == "truncated":
        shutil.copy(job.data, mine)
        with mine.open("r+b") as file:
            file.truncate(mine.stat().st_size - 100)
    job = replace(job, data=mine)
    assert train([job], tmp_path) == 1
    (line,) = log(job).splitlines()
    assert str(mine) in line and "snakemake" in line
    assert digests([job]) == {}
