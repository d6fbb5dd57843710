"""Writes a prepared dataset whole or not at all; equal inputs give equal bytes."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from largebatch.data.load import DIGEST, FACTS, RECORD, SEAL, dataset_digest, seal
from largebatch.errors import UserError
from largebatch.records.atomic import replacing
from largebatch.records.digest import canonical_json


def write_dataset(
    path: Path, tensors: Mapping[str, np.ndarray], facts: dict, record: dict | None = None
) -> None:
    """Write tensors, the facts about them and the record of what made them (see `load`).

    Raises UserError if the file cannot be written, ValueError for NaN among the facts.
    """
    metadata = {
        FACTS: canonical_json(facts),
        DIGEST: dataset_digest(tensors),
        RECORD: canonical_json(record or {}),
    }
    parts = _serialized(tensors, metadata | {SEAL: seal(metadata)})
    try:
        with replacing(Path(path)) as temporary, temporary.open("wb") as file:
            file.writelines(parts)
    except OSError as error:
        raise UserError(
            f"cannot write {path} ({error.strerror or error}), so nothing was written; "
            "make room or choose another folder, and start again."
        ) from error


def _serialized(
    tensors: Mapping[str, np.ndarray], metadata: dict[str, str]
) -> tuple[bytes, memoryview]:
    """Header and body in the safetensors format.

    The library writes metadata in random order; sorting the header makes files reproducible.
    """
    from safetensors.numpy import save

    content = save({name: np.ascontiguousarray(array) for name, array in tensors.items()}, metadata)
    end = 8 + int.from_bytes(content[:8], "little")
    header = canonical_json(json.loads(content[8:end])).encode()
    header += b" " * (-len(header) % 8)  # keeps the tensors aligned
    return len(header).to_bytes(8, "little") + header, memoryview(content)[end:]
