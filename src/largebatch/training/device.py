"""The process's hardware and arithmetic, set once before anything is computed."""

import os

import torch

from largebatch.errors import UserError


def choose(device: str) -> torch.device:
    """The device to use: `auto` is a GPU if there is one; `cuda` without one is a `UserError`."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        found = "PyTorch finds no GPU" if torch.version.cuda else "PyTorch is built without CUDA"
        raise UserError(
            f"device: cuda was asked for, but {found} here; "
            "take cpu or auto as --device or as `device` in config/config.yaml."
        )
    return torch.device(device)


def set_up(device: torch.device, precision: str) -> None:
    """Set one thread, deterministic kernels and the precision that the task asks for.

    Two spinning OpenMP pools on two cores are 14 to 250 times slower than one thread each, and
    only with one thread does a run get the same bits whatever its neighbours. Denormals are
    flushed: a decaying velocity would otherwise cost a hundred cycles per element.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    reduced = precision in ("tf32", "bf16")  # with bf16, what stays float32 may be tf32
    torch.set_float32_matmul_precision("high" if reduced else "highest")
    if device.type == "cuda":
        # To give the same bits twice, cuBLAS needs a fixed workspace, and cuDNN must not choose
        # kernels by timing them.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.allow_tf32 = reduced
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True)
        # That would also fill fresh memory with NaN, to find bugs, at the cost of a pass over it.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
