"""A run's state on disk: a run killed at any point resumes with the same bits.

Each run has its own file, so a retry may pack the unfinished runs differently. Its first 32 bytes
are the SHA-256 of the rest, which `torch.save` writes and `torch.load(weights_only=True)` reads.
"""

import hashlib
import io
from dataclasses import astuple, dataclass
from pathlib import Path

import torch
from torch import Tensor

from largebatch.errors import UserError
from largebatch.records import write_bytes
from largebatch.training.history import Row


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands: after `step` steps of `epoch`, with the rows of earlier epochs.

    tensors: one lane's weights, velocities, bias correction (m^s), model state and running sums.
    made_by: digest of the run's settings, the data and the training code.
    """

    made_by: str
    epoch: int
    step: int
    rows: list[Row]
    tensors: dict[str, Tensor]


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically; a full disk leaves the old checkpoint in place and no temporary file."""
    content = vars(checkpoint) | {"rows": [astuple(row) for row in checkpoint.rows]}
    buffer = io.BytesIO()
    torch.save(content, buffer)
    payload = buffer.getvalue()
    write_bytes(path, hashlib.sha256(payload).digest() + payload)


def load(path: Path, made_by: str) -> Checkpoint:
    """The checkpoint in `path`; raises `UserError` if it is broken or `made_by` differs."""
    try:
        content = path.read_bytes()
    except OSError as reason:
        said = f"{path}: the checkpoint is not readable: {reason}; training starts afresh."
        raise UserError(said) from reason
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        raise UserError(f"{path}: the checkpoint is damaged; training starts afresh.")
    fields = torch.load(io.BytesIO(content[32:]), map_location="cpu", weights_only=True)
    if fields["made_by"] != made_by:
        raise UserError(
            f"{path}: the checkpoint is of other settings, data or code; training starts afresh."
        )
    return Checkpoint(**fields | {"rows": [Row(*row) for row in fields["rows"]]})
