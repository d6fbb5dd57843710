"""Files of the user's own that are missing, when something is to be made from them."""

from dataclasses import replace
from pathlib import Path

import pytest

from largebatch.analysis.same_data import Prepared
from largebatch.data.missing import missing_files
from largebatch.data.prepare import prepare
from largebatch.errors import UserError
from largebatch.study import Study, load_study

DEMO = load_study("demo")
DATA, RUN = "results/data/mine.v2.safetensors", "results/demo/runs/seed0.parquet"


@pytest.fixture
def own(tmp_path: Path, monkeypatch) -> Study:
    """A study of text of one's own, of which nothing exists."""
    monkeypatch.chdir(tmp_path)
    mine = {"source": "text", "train": "train.txt", "test": "texts"}
    return replace(DEMO, datasets={"mine.v2": mine, "digits": {"source": "digits"}})


def test_each_file_is_told_with_its_key(own: Study) -> None:
    Path("texts").mkdir()
    key = f"{DEMO.file}: datasets.mine.v2"
    train, test = missing_files(own, "mine.v2")
    assert train == f"{key}.train: there is no file train.txt; put it there, or correct its name"
    assert test == f"{key}.test: texts is a folder; name a file in it"
    assert not [*missing_files(own, "digits")]


def data_of_run(study: Study) -> str:
    """As Snakemake asks."""
    return Prepared(study, "code", lambda kind: {}, ancient=str).of_measured(RUN, "mine.v2")


def test_a_run_is_refused_if_it_and_its_data_are_missing_too(own: Study) -> None:
    with pytest.raises(UserError, match=r"datasets\.mine\.v2\.train: there is no file train\.txt;"):
        data_of_run(own)
    Path(RUN).parent.mkdir(parents=True)
    Path(RUN).touch()
    assert data_of_run(own) == DATA  # it stays as it is
    Path(RUN).unlink()
    Path("train.txt").write_text("a b\n")
    Path("texts").write_text("b\n")
    assert data_of_run(own) == DATA
    Path("results/data").mkdir()
    prepare("mine.v2", own.datasets["mine.v2"], Path("raw"), Path(DATA), progress=False)
    Path("texts").unlink()
    assert data_of_run(own) == DATA
