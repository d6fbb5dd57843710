"""Estimates count the user's own data as they are, once they are prepared."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from largebatch.data.amount import prepared_amount
from largebatch.data.prepare import prepare
from largebatch.data.store import write_dataset
from largebatch.study import Study, load_study

DEMO = load_study("demo")
MINE = {"source": "text", "train": "train.txt", "test": "test.txt"}


@pytest.fixture
def own(tmp_path: Path, monkeypatch) -> Study:
    """A study of text of one's own, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    Path("train.txt").write_text("a b a\nb a c\n")
    Path("test.txt").write_text("a b\n")
    return replace(DEMO, datasets={"mine": MINE})


def put(study: Study, name: str) -> None:
    Path("results/data").mkdir(parents=True, exist_ok=True)
    out = Path(f"results/data/{name}.safetensors")
    prepare(name, study.datasets[name], Path("raw"), out, progress=False)


def test_a_text_has_its_words_and_vocabulary(own: Study) -> None:
    assert prepared_amount(own, "mine") is None
    assert own.amount("mine") == (50_000, 10_000, 0)  # a guess
    put(own, "mine")
    assert prepared_amount(own, "mine") == (8, 4, 0)  # with <eos>
    assert replace(own, prepared=partial(prepared_amount, own)).amount("mine") == (8, 4, 0)


def test_images_have_their_pixels_and_the_file_its_megabytes(own: Study) -> None:
    digits = {"source": "digit-pairs", "train_examples": 90_000, "test_examples": 9, "seed": 0}
    study = replace(own, datasets={"digits": digits})
    put(study, "digits")
    assert prepared_amount(study, "digits") == (90_000, 8 * 16, 90_009 * (8 * 16 + 8) // 2**20)
    colour = {"kind": "images", "shape": [3, 8, 16], "counts": {"train": 5}, "settings": digits}
    write_dataset(Path("results/data/digits.safetensors"), {"none": np.zeros(1)}, colour)
    assert prepared_amount(study, "digits") == (5, 8 * 16, 0)


def test_a_file_of_other_settings_or_a_damaged_one_tells_nothing(own: Study) -> None:
    put(own, "mine")
    other = replace(own, datasets={"mine": MINE | {"valid": "test.txt"}})
    assert prepared_amount(other, "mine") is None
    file = Path("results/data/mine.safetensors")
    file.write_bytes(file.read_bytes()[:-1])
    assert prepared_amount(own, "mine") is None
