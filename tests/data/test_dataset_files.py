"""The file of a prepared dataset: whole, verified, reproducible, and its facts cheap to read."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open

from largebatch.data.load import (
    Dataset,
    dataset_digest,
    load_dataset,
    read_dataset_digest,
    read_dataset_record,
    read_facts,
)
from largebatch.data.store import write_dataset
from largebatch.errors import UserError

TENSORS = {
    "train_images": np.arange(48, dtype=np.uint8).reshape(4, 1, 3, 4),
    "train_labels": np.array([0, 1, 2, 0]),
    "test_images": np.zeros((2, 1, 3, 4), dtype=np.uint8),
    "test_labels": np.array([2, 1]),
}
FACTS = {"name": "tiny", "classes": 3, "mean": [0.1], "unit": "µ"}
RECORD = {"kind": "data", "inputs": []}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deep/folder/tiny.safetensors"
    write_dataset(path, TENSORS, FACTS, RECORD)
    return path


def test_round_trip(path):
    dataset = load_dataset(path)
    assert (dataset.facts, dataset.record) == (FACTS, RECORD)
    assert dataset.digest == dataset_digest(TENSORS) == read_dataset_digest(path)
    assert dataset.train_tokens is None
    for name, array in TENSORS.items():
        assert torch.equal(getattr(dataset, name), torch.from_numpy(array))


def test_dataset_that_was_never_a_file(path):
    loaded = load_dataset(path)
    tensors = {name: getattr(loaded, name) for name in TENSORS}
    assert Dataset.of(tensors, FACTS).digest == loaded.digest


def test_header_alone_gives_facts_and_record(path):
    assert read_facts(path) == FACTS
    assert read_dataset_record(path) == RECORD


def test_safetensors_library_reads_the_file(path):
    assert int.from_bytes(path.read_bytes()[:8], "little") % 8 == 0  # so tensors are aligned
    with safe_open(path, "numpy") as file:
        assert json.loads(file.metadata()["largebatch.dataset"]) == FACTS
        assert set(file.keys()) == set(TENSORS)
        assert np.array_equal(file.get_tensor("train_images"), TENSORS["train_images"])


def test_equal_inputs_give_equal_bytes(path, tmp_path):
    reordered = dict(reversed(TENSORS.items()))
    for attempt in range(5):
        again = tmp_path / f"{attempt}.safetensors"
        write_dataset(again, reordered, dict(reversed(FACTS.items())), RECORD)
        assert again.read_bytes() == path.read_bytes()


def test_no_temporary_file_is_left(path):
    assert [file.name for file in path.parent.iterdir()] == ["tiny.safetensors"]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t | {"train_labels": np.array([0, 1, 2, 1])},
        lambda t: t | {"train_labels": t["train_labels"].astype(np.int32)},
        lambda t: t | {"train_images": t["train_images"].reshape(4, 1, 4, 3)},
        lambda t: {name.replace("test_labels", "labels"): array for name, array in t.items()},
        lambda t: {name: array for name, array in t.items() if name != "test_labels"},
    ],
    ids=["value", "dtype", "shape", "name", "absence"],
)
def test_digest_sees_every_change(change):
    assert dataset_digest(change(TENSORS)) != dataset_digest(TENSORS)


def test_digest_does_not_depend_on_memory_layout():
    fortran = TENSORS | {"train_images": np.asfortranarray(TENSORS["train_images"])}
    assert dataset_digest(fortran) == dataset_digest(TENSORS)


def test_missing_file(tmp_path):
    for read in (load_dataset, read_facts):
        with pytest.raises(UserError, match=r"no\.safetensors is missing: run `snakemake data`"):
            read(tmp_path / "no.safetensors")


@pytest.mark.parametrize("kept", [0, 7, 8, 100, 0.5, -1])
def test_truncated_file(path, kept):
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    for read in (load_dataset, read_facts):
        with pytest.raises(UserError, match=r"tiny\.safetensors is truncated or altered"):
            read(path)


def test_every_altered_byte_is_noticed_or_harmless(path):
    content, whole = path.read_bytes(), load_dataset(path)
    rng = np.random.default_rng(0)
    noticed = 0
    for position in rng.integers(len(content), size=500):
        altered = bytearray(content)
        altered[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(altered)
        try:
            dataset = load_dataset(path)
        except UserError:
            noticed += 1
            continue
        # White space in the header, at most.
        assert (dataset.facts, dataset.record) == (whole.facts, whole.record)
        for name in TENSORS:
            assert torch.equal(getattr(dataset, name), getattr(whole, name))
    assert noticed > 400


def test_altered_facts_are_noticed_without_reading_tensors(path):
    path.write_bytes(path.read_bytes().replace(rb"\"classes\":3", rb"\"classes\":4"))
    with pytest.raises(UserError, match="truncated or altered"):
        read_facts(path)


def test_number_that_json_does_not_know_is_refused(tmp_path):
    with pytest.raises(ValueError):
        write_dataset(tmp_path / "x.safetensors", TENSORS, {"mean": float("nan")})
    assert list(tmp_path.iterdir()) == []


def imported_by(code: str) -> set[str]:
    code = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(output.stdout.split())


def test_facts_and_sizes_import_no_torch(path):
    slow = {"torch", "torchvision", "sklearn", "pandas", "scipy"}
    facts = f"from largebatch.data.load import read_facts; read_facts({str(path)!r})"
    sizes = "import largebatch.study.sizes, largebatch.data.own"
    assert not imported_by(facts) & slow
    assert not imported_by(sizes) & (slow | {"numpy"})


def test_loading_imports_torch_alone(path):
    code = f"from largebatch.data.load import load_dataset; load_dataset({str(path)!r})"
    assert not imported_by(code) & {"torchvision", "sklearn", "pandas", "matplotlib"}
