"""Which GPU a pack on this machine computes on. Snakemake counts GPUs but names none."""

import os
import subprocess
from collections import Counter
from collections.abc import Sequence


class Gpus:
    """`devices` as CUDA_VISIBLE_DEVICES names them; at most `packs` packs on each at a time."""

    def __init__(self, devices: Sequence[str], packs: int):
        self.devices, self.packs = list(devices), packs
        self.taken: Counter[str] = Counter()

    @property
    def free(self) -> int:
        """Packs that may start now."""
        return len(self.devices) * self.packs - self.taken.total()

    def take(self) -> str:
        """The GPU with the fewest packs on it."""
        device = min(self.devices, key=lambda one: self.taken[one])
        self.taken[device] += 1
        return device

    def give_back(self, device: str) -> None:
        self.taken[device] -= 1


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, by number or UUID; none where there is no driver."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [device for device in named.split(",") if device]
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [str(i) for i, line in enumerate(listed.stdout.splitlines()) if line.startswith("GPU")]
