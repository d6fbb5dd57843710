"""Data and packs of the tiny tasks; no fixtures, so that the tests for a GPU can use them too."""

from dataclasses import astuple

import tiny_tasks
import torch

from largebatch.data.load import Dataset
from largebatch.training.execution import AUTO
from largebatch.training.pack import Lane, Pack

CPU = torch.device("cpu")


def dataset(kind: str) -> Dataset:
    draw = torch.Generator().manual_seed(0)
    if kind == "lstm":
        tokens = torch.randint(0, 20, (700,), generator=draw, dtype=torch.int32)
        return Dataset.of(
            {"train_tokens": tokens[:500], "test_tokens": tokens[500:]}, {"vocabulary": 20}
        )
    images = torch.randint(0, 256, (70, 1, 8, 8), generator=draw, dtype=torch.uint8)
    labels = torch.randint(0, 4, (70,), generator=draw)
    tensors = {"train_images": images[:50], "train_labels": labels[:50]}
    tensors |= {"test_images": images[50:], "test_labels": labels[50:]}
    facts = {"shape": [1, 8, 8], "classes": 4, "mean": [0.5], "std": [0.3]}
    return Dataset.of(tensors, facts)


def spec(kind: str, batch: int, optimizer: str, lr: float, seed: int, **changes) -> dict:
    """A tiny run of two epochs; the last, smaller minibatch is dropped."""
    changes = {"epochs": 2, "last_batch": "drop"} | changes
    return tiny_tasks.spec(kind, optimizer, lr, seed, batch, **changes)


def started(runs, kind="autoencoder", batch=16, execution=AUTO, **changes) -> Pack:
    """A pack on the CPU of runs (optimizer, lr, seed)."""
    lanes = [Lane(spec(kind, batch, *run, **changes)) for run in runs]
    pack = Pack(lanes, dataset(kind), CPU, execution)
    pack.initialise()
    return pack


def ended(pack: Pack) -> list[tuple[list, dict]]:
    """Rows without their times, and end, of each lane."""
    while not pack.finished:
        pack.train_epoch(lambda _: False)
    return [([astuple(row)[:-1] for row in lane.rows], pack.export(lane)) for lane in pack.lanes]


def assert_same_bits(one: tuple[list, dict], other: tuple[list, dict]) -> None:
    assert one[0] == other[0]
    assert one[1].keys() == other[1].keys()
    assert all(torch.equal(one[1][name], other[1][name]) for name in one[1])
