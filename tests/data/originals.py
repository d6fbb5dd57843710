"""Prepares a dataset from what a server or a folder holds, or returns the refusal."""

from pathlib import Path

import numpy as np
import pytest

from largebatch.data.load import load_dataset
from largebatch.data.prepare import prepare
from largebatch.errors import UserError


def prepared(original, tmp_path: Path, raw: Path | None = None):
    out = tmp_path / "data.safetensors"
    prepare(original.source, {"source": original.source}, raw or tmp_path / "raw", out, False)
    return load_dataset(out)


def assert_equals(dataset, original) -> None:
    for name, expected in original.tensors.items():
        actual = getattr(dataset, name).numpy()
        assert actual.dtype == expected.dtype, name
        np.testing.assert_array_equal(actual, expected, err_msg=name)


def refusal(original, tmp_path: Path, raw: Path | None = None) -> str:
    """The sentence with which a dataset is refused; checks that nothing half-written is left."""
    with pytest.raises(UserError) as error:
        prepared(original, tmp_path, raw)
    sentence = str(error.value)
    assert sentence.startswith(f"datasets.{original.source}: ")
    assert sentence.endswith(".") and "\n" not in sentence
    assert not list(tmp_path.glob("*data.safetensors*")) + list(tmp_path.glob(".data*"))
    return sentence


def snapshot(folder: Path) -> dict[str, tuple]:
    stats = {path: path.stat() for path in [folder, *folder.rglob("*")]}
    return {str(path): (stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}
