"""The process's hardware and arithmetic, set once before anything is computed."""

import os

import torch

from largebatch.errors import UserError


def choose(device: str) -> torch.device:
    """`auto` takes a GPU if there is one; `cuda` without one is refused."""
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
    """One thread, deterministic kernels, the precision that the task asks for.

    Two spinning OpenMP pools on two cores are 14 to 250 times slower than one thread each, and
    only one thread gives a run the same bits whatever its neighbours. Denormals are flushed: a
    decaying velocity would otherwise cost a hundred cycles an element.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    reduced = precision in ("tf32", "bf16")  # what bf16 leaves in float32 may be tf32
    torch.set_float32_matmul_precision("high" if reduced else "highest")
    if device.type == "cuda":
        # cuBLAS needs a fixed workspace to give the same bits twice; timing may not choose kernels.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.allow_tf32 = reduced
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True)
        # Its second half, NaN in all fresh memory, is for finding bugs; it costs a pass over it.
        torch.utils.deterministic.fill_uninitialized_memory = False
