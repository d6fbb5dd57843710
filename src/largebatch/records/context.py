"""The surroundings of a computation: lock, packages, machine, job. Unknown facts are left out."""

import os
import platform
import re
import socket
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from largebatch.records.digest import file_digest

LOCK = Path("envs", "pipeline.lock")
ALWAYS = ("largebatch", "matplotlib", "numpy", "pyarrow", "snakemake", "torch")
SLURM = {  # key in the record: environment variable of a SLURM job
    "job": "SLURM_JOB_ID",
    "cluster": "SLURM_CLUSTER_NAME",
    "partition": "SLURM_JOB_PARTITION",
    "node": "SLURMD_NODENAME",
    "restarts": "SLURM_RESTART_COUNT",
}


def lock_digest(root: Path) -> str | None:
    """SHA-256 of the lock file of the checkout `root`, or None if it has none."""
    path = Path(root, LOCK)
    return file_digest(path) if path.is_file() else None


def locked_versions(root: Path) -> dict[str, str]:
    """{package: version} as pinned in the lock file."""
    path = Path(root, LOCK)
    text = path.read_text() if path.is_file() else ""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


@lru_cache(maxsize=8)
def packages(root: Path) -> dict[str, str]:
    """{package: installed version} of Python, torch, numpy and the like, and all in the lock."""
    versions = {name: _installed_version(name) for name in (*ALWAYS, *locked_versions(root))}
    found = {name: version for name, version in sorted(versions.items()) if version}
    return {"python": platform.python_version(), **found}


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def slurm_job() -> dict[str, str]:
    """The SLURM job that this process belongs to; empty outside one."""
    return {key: os.environ[name] for key, name in SLURM.items() if os.environ.get(name)}


def hardware() -> dict:
    """The CPU and, once this process has used torch, the GPU, its driver and the precision flags.

    torch is looked up among the loaded modules, never imported. The GPU is named only if this
    process computed on it.
    """
    torch = sys.modules.get("torch")
    facts: dict[str, object] = {"host": socket.gethostname(), "cpu": _cpu_model()}
    facts["cores"] = os.cpu_count()
    if torch is not None:
        facts |= {key: _readable(read, torch) for key, read in TORCH_FACTS.items()}
        if _readable(lambda t: t.cuda.is_initialized(), torch):
            facts |= {key: _readable(read, torch) for key, read in CUDA_FACTS.items()}
    return {key: value for key, value in facts.items() if value is not None}


TORCH_FACTS: dict[str, Callable] = {
    "threads": lambda torch: torch.get_num_threads(),
    "deterministic": lambda torch: torch.are_deterministic_algorithms_enabled(),
    "matmul_precision": lambda torch: torch.get_float32_matmul_precision(),
}
CUDA_FACTS: dict[str, Callable] = {
    "gpu": lambda torch: torch.cuda.get_device_name(),
    "driver": lambda torch: _nvidia_driver(),
    "cuda": lambda torch: torch.version.cuda,
    "cudnn": lambda torch: torch.backends.cudnn.version(),
    "cudnn_deterministic": lambda torch: torch.backends.cudnn.deterministic,
    "cudnn_benchmark": lambda torch: torch.backends.cudnn.benchmark,
    "cudnn_tf32": lambda torch: torch.backends.cudnn.allow_tf32,
}


def _readable(read: Callable, torch) -> object | None:
    try:
        return read(torch)
    except (AttributeError, AssertionError, RuntimeError):  # older torch, no CUDA, mixed TF32 APIs
        return None


def _cpu_model() -> str | None:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine() or None


def _nvidia_driver() -> str | None:
    try:
        found = re.search(r"\b\d+\.\d+(\.\d+)?\b", Path("/proc/driver/nvidia/version").read_text())
    except OSError:
        return None
    return found[0] if found else None
