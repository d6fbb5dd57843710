"""Tiny data of both kinds."""

import pytest
import torch

from largebatch.data.load import Dataset


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
