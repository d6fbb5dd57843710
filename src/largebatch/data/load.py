"""Prepared datasets: one safetensors file each, whose metadata say what it is, and prove it.

Metadata keys: `largebatch.dataset` (the facts, JSON), `largebatch.digest` (of the tensors),
`largebatch.record` (what made it, JSON), `largebatch.seal` (of the other three).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from largebatch.errors import UserError
from largebatch.records.digest import canonical_json, digest_of

if TYPE_CHECKING:  # whoever reads only facts must not pay for torch
    import torch

FACTS, DIGEST, RECORD, SEAL = (
    f"largebatch.{key}" for key in ("dataset", "digest", "record", "seal")
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A prepared dataset in memory: images and labels, or tokens, and the facts about them."""

    facts: dict
    digest: str
    record: dict = field(default_factory=dict)
    train_images: "torch.Tensor | None" = None  # uint8 (N, C, H, W)
    train_labels: "torch.Tensor | None" = None  # int64 (N,)
    test_images: "torch.Tensor | None" = None
    test_labels: "torch.Tensor | None" = None
    train_tokens: "torch.Tensor | None" = None  # int32 (N,)
    valid_tokens: "torch.Tensor | None" = None
    test_tokens: "torch.Tensor | None" = None

    @classmethod
    def of(cls, tensors: Mapping[str, "torch.Tensor"], facts: dict) -> "Dataset":
        """A dataset made from tensors, without a file."""
        arrays = {name: tensor.cpu().numpy() for name, tensor in tensors.items()}
        return cls(facts, dataset_digest(arrays), **tensors)  # type: ignore[arg-type]


def load_dataset(
    path: Path, device: "str | torch.device" = "cpu", settings: dict | None = None
) -> Dataset:
    """Read a prepared dataset onto a device, verified against its digest.

    Raises UserError if the file is missing, truncated, altered, or prepared with settings other
    than `settings`. (Snakemake prepares it again when its settings change; by hand nobody would.)
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    metadata = _metadata(Path(path))
    try:
        arrays = load_file(path)
    except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
        raise _damaged(path) from error
    if dataset_digest(arrays) != metadata[DIGEST]:
        raise _damaged(path)
    tensors = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
    facts, record = json.loads(metadata[FACTS]), json.loads(metadata[RECORD])
    if settings and canonical_json(facts.get("settings")) != canonical_json(settings):
        raise UserError(
            f"{path}: it was prepared with other settings than are wanted; delete it and run "
            "`snakemake data`."
        )
    return Dataset(facts, metadata[DIGEST], record, **tensors)


def read_facts(path: Path) -> dict:
    """The facts about a prepared dataset, from its header alone (no tensor is read, no torch)."""
    return json.loads(_metadata(Path(path))[FACTS])


def read_dataset_record(path: Path) -> dict:
    """The record of what made a prepared dataset, from its header alone."""
    return json.loads(_metadata(Path(path))[RECORD])


def read_dataset_digest(path: Path) -> str:
    """The digest that the file states for its tensors (`load_dataset` verifies it)."""
    return _metadata(Path(path))[DIGEST]


def dataset_digest(tensors: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over names, dtypes, shapes and values: equal however the originals were packed."""
    digest = hashlib.sha256()
    for name, array in sorted(tensors.items()):
        digest.update(canonical_json([name, array.dtype.str, list(array.shape)]).encode())
        digest.update(np.ascontiguousarray(array))  # type: ignore[arg-type]
    return digest.hexdigest()


def seal(metadata: Mapping[str, str]) -> str:
    """SHA-256 over facts, digest and record, so that no word of them changes unnoticed."""
    return digest_of([metadata[key] for key in (FACTS, DIGEST, RECORD)])


def _metadata(path: Path) -> dict[str, str]:
    """The file's metadata, once its length and seal have been checked."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, size)))
        metadata = header.pop("__metadata__")
        end = max(entry["data_offsets"][1] for entry in header.values())
        whole = 8 + length + end == size and metadata[SEAL] == seal(metadata)
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: run `snakemake data` to prepare it.") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    if not whole:
        raise _damaged(path)
    return metadata


def _damaged(path: Path) -> UserError:
    return UserError(
        f"{path} is truncated or altered: delete it and run `snakemake data` to prepare it again."
    )
