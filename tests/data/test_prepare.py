"""Settings become a file; its sizes are known beforehand."""

from pathlib import Path

import pytest

from largebatch.data.load import load_dataset, read_facts
from largebatch.data.own import own_files
from largebatch.data.prepare import SOURCES, prepare
from largebatch.errors import UserError
from largebatch.study.sizes import expected_size

EMBEDDED = [
    {"source": "digits"},
    {"source": "digits", "test_examples": 97, "train_limit": 500},
    {"source": "digit-pairs", "train_examples": 400, "test_examples": 100, "seed": 2},
    {"source": "markov", "vocabulary": 9, "branching": 4}
    | {"train_tokens": 300, "test_tokens": 70, "seed": 0},
]


@pytest.mark.parametrize("settings", EMBEDDED, ids=lambda s: "-".join(map(str, s.values())))
def test_expected_sizes_are_the_sizes(settings, tmp_path):
    out = tmp_path / "d.safetensors"
    prepare("d", settings, tmp_path / "raw", out, progress=False, record=lambda: {"kind": "data"})
    dataset = load_dataset(out)
    sizes = expected_size(settings)
    train, test = sizes.values()
    assert dataset.facts["counts"] == {"train": train, "test": test}
    if dataset.facts["kind"] == "text":
        assert (len(dataset.train_tokens), len(dataset.test_tokens)) == (train, test)
        assert set(sizes) == {"train_tokens", "test_tokens"}
    else:
        assert (len(dataset.train_images), len(dataset.test_labels)) == (train, test)
        assert set(sizes) == {"train_examples", "test_examples"}
    assert dataset.facts["settings"] == settings and dataset.facts["name"] == "d"
    assert dataset.record == {"kind": "data"}
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({"source": "cifar10"}, [50_000, 10_000]),
        ({"source": "cifar100", "train_limit": 5_000}, [5_000, 10_000]),
        ({"source": "mnist", "test_limit": 1_000}, [60_000, 1_000]),
        ({"source": "ptb"}, [929_589, 82_430]),
        ({"source": "text", "train": "a", "test": "b"}, [None, None]),
        ({"source": "parquet-images"}, [None, None]),
        ({"source": "parquet-images", "train_limit": 9}, [9, None]),
    ],
)
def test_sizes_without_data(settings, sizes):
    assert list(expected_size(settings).values()) == sizes


def test_more_than_there_is_is_refused_without_data():
    with pytest.raises(UserError, match="train_limit is 70000, but mnist has 60000"):
        expected_size({"source": "mnist", "train_limit": 70_000})
    with pytest.raises(UserError, match="test_examples is 1797"):
        expected_size({"source": "digits", "test_examples": 1797})


def test_every_source_has_sizes():
    for source in SOURCES:
        assert len(expected_size({"source": source, "train_examples": 2, "test_examples": 1})) == 2


def test_own_files():
    assert own_files({"source": "mnist"}) == {}
    text = {"source": "text", "train": "a/b.txt", "valid": "v.txt", "test": "t.txt"}
    assert own_files(text) == {
        "train": Path("a/b.txt"),
        "valid": Path("v.txt"),
        "test": Path("t.txt"),
    }
    with pytest.raises(UserError, match="source parquet-images needs train and test"):
        own_files({"source": "parquet-images", "train": "a"})


def test_errors_name_the_dataset(tmp_path):
    for settings, sentence in (
        (
            {"source": "imagenet"},
            r"datasets\.d: there is no source imagenet: use cifar10, ",
        ),
        ({"source": "digits", "train_limit": 9999}, r"datasets\.d: train_limit is 9999"),
        (
            {"source": "text", "train": "no", "test": "no"},
            r"datasets\.d: train: there is no file no",
        ),
    ):
        with pytest.raises(UserError, match=sentence):
            prepare("d", settings, tmp_path, tmp_path / "d.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_tested_on_what_it_was_trained_on(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("a b\n")
    files = {"train": str(tmp_path / "a.txt"), "test": str(tmp_path / "b.txt")}
    with pytest.raises(UserError, match=r"b\.txt \(train and test\) have the same content"):
        prepare("d", {"source": "text", **files}, tmp_path, tmp_path / "d.safetensors")
    assert not (tmp_path / "d.safetensors").exists()


def test_sizes_that_no_memory_holds_are_told(tmp_path, monkeypatch):
    def huge(*_):
        raise MemoryError

    monkeypatch.setitem(SOURCES, "text", huge)
    with pytest.raises(UserError, match=r"datasets\.d: it needs more memory than there is"):
        prepare("d", {"source": "text"}, tmp_path, tmp_path / "d.safetensors")


def test_the_record_is_made_when_the_data_are_ready(tmp_path, monkeypatch):
    ready = []
    source = SOURCES["digits"]
    monkeypatch.setitem(SOURCES, "digits", lambda *given: ready.append(True) or source(*given))
    out = tmp_path / "d.safetensors"
    prepare("d", EMBEDDED[0], tmp_path, out, record=lambda: {"ready": list(ready)})
    assert load_dataset(out).record == {"ready": [True]}


def test_prepared_again_has_the_same_bytes(tmp_path):
    for settings in EMBEDDED:
        for name in ("a", "b"):
            prepare("d", settings, tmp_path, tmp_path / name, progress=False)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="nothing was written"):
        prepare("d", EMBEDDED[0], tmp_path, tmp_path / "file/d.safetensors")
    out = tmp_path / "whole"
    prepare("d", EMBEDDED[0], tmp_path, out)
    assert read_facts(out)["classes"] == 10
