"""Times and peak rates of a device."""

import gc
import sys
import time
from collections.abc import Callable

import torch


def pick(small: bool) -> torch.device:
    """The GPU, or the CPU for small models; the paper's models take days there."""
    if small:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        sys.exit(f"{sys.argv[0]}: no CUDA device was found; --small runs small models on the CPU.")
    return torch.device("cuda")


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_a_call(
    call: Callable[[], object], device: torch.device, window: float, warm_up: int = 4
) -> float:
    """Mean time of a call over one to two times `window` seconds, after `warm_up` calls.

    The first calls make what is made only once (a graph is recorded in the third; on a CPU there
    are no graphs, and one call is enough).
    """
    for _ in range(warm_up if device.type == "cuda" else 1):
        call()
    wait(device)
    started, calls = time.perf_counter(), 0
    while True:
        for _ in range(max(1, calls)):  # doubles the calls, so it rarely waits for the device
            call()
        calls += max(1, calls)
        wait(device)
        passed = time.perf_counter() - started
        if passed > window:
            return passed / calls


def ceilings(device: torch.device, window: float, side: int = 8192) -> dict[str, float]:
    """Measure bytes per second of a copy (read and written), operations per second of GEMMs."""
    numbers = 2**28 if device.type == "cuda" else 2**24
    measured = {"copy": 8 * numbers / _copy_seconds(numbers, device, window)}
    for name, dtype, precision in [
        ("fp32", torch.float32, "highest"),
        ("tf32", torch.float32, "high"),
        ("bf16", torch.bfloat16, "high"),
    ]:
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision(precision)
        a, b = torch.randn(2, side, side, device=device).to(dtype)
        product = torch.empty_like(a)
        call = lambda a=a, b=b, product=product: torch.mm(a, b, out=product)  # noqa: E731
        measured[name] = 2 * side**3 / seconds_a_call(call, device, window)
        torch.set_float32_matmul_precision(before)
    return measured


def _copy_seconds(numbers: int, device: torch.device, window: float) -> float:
    source = torch.zeros(numbers, device=device)
    target = torch.empty_like(source)
    return seconds_a_call(lambda: target.copy_(source), device, window)


def peak_gib(device: torch.device) -> float | None:
    """The most that the allocator reserved; parallel streams do not share what they free."""
    return torch.cuda.max_memory_reserved(device) / 2**30 if device.type == "cuda" else None


def forget(device: torch.device) -> None:
    """Free what the last contender held, and reset the peak memory."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
