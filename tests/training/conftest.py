"""Tiny data of both kinds, and packs of all families on disk."""

import sys
from pathlib import Path

import pytest
import torch

from largebatch.data.load import Dataset

sys.path.insert(0, str(Path(__file__).parent))

from family_packs import FAMILIES, digests, jobs_of, prepare_data, train


@pytest.fixture(scope="session")
def datasets() -> dict[str, Dataset]:
    """Random images and text."""
    g = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (44, 1, 8, 8), generator=g, dtype=torch.uint8)
    labels = torch.randint(0, 3, (44,), generator=g)
    tensors = {
        "train_images": images[:36],
        "train_labels": labels[:36],
        "test_images": images[36:],
        "test_labels": labels[36:],
    }
    facts = {"shape": [1, 8, 8], "classes": 3, "mean": [0.5], "std": [0.3]}
    pictures = Dataset.of(tensors, facts)
    tokens = torch.randint(0, 9, (260,), generator=g, dtype=torch.int32)
    text = Dataset.of(
        {"train_tokens": tokens[:220], "test_tokens": tokens[220:]}, {"vocabulary": 9}
    )
    return {"wrn": pictures, "autoencoder": pictures, "lstm": text}


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Folder of the prepared data sets of the families."""
    folder = tmp_path_factory.mktemp("data")
    prepare_data(folder)
    return folder


@pytest.fixture(scope="session")
def undisturbed(data: Path, tmp_path_factory) -> dict[str, dict[str, str]]:
    """{family: digests of its runs} when nothing interrupts them."""
    found = {}
    for family in FAMILIES:
        root = tmp_path_factory.mktemp(family)
        jobs = jobs_of(family, data, root)
        assert train(jobs, root, checkpoint_seconds=1e9) == 0
        found[family] = digests(jobs)
        assert len(found[family]) == len(jobs)
    return found
