"""Which GPU a pack on this machine computes on. Snakemake counts GPUs but names none."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence

EVERYTHING = 10**9  # megabytes, where it is not known how many there are


class Gpus:
    """`devices` as CUDA_VISIBLE_DEVICES names them; at most `packs` packs on each at a time.

    memory: megabytes of each, for packs that say how many they need (`gpu_mb`); a pack that is
    alone on a GPU is never refused. Devices that are not named have no limit.
    """

    def __init__(self, devices: Sequence[str], packs: int, memory: Mapping[str, int] | None = None):
        self.packs, self.memory = packs, dict(memory or {})
        self.taken: dict[str, list[int]] = {device: [] for device in devices}

    @property
    def free(self) -> int:
        """Packs that may start now, if they are small enough."""
        return sum(self.packs - len(taken) for taken in self.taken.values())

    def fits(self, megabytes: int) -> bool:
        return any(self._has_room(device, megabytes) for device in self.taken)

    def take(self, megabytes: int) -> str:
        """Of the GPUs with room for it, the one with the fewest packs."""
        roomy = [device for device in self.taken if self._has_room(device, megabytes)]
        device = min(roomy, key=lambda one: len(self.taken[one]))
        self.taken[device].append(megabytes)
        return device

    def give_back(self, device: str, megabytes: int) -> None:
        self.taken[device].remove(megabytes)

    def _has_room(self, device: str, megabytes: int) -> bool:
        taken, memory = self.taken[device], self.memory.get(device, EVERYTHING)
        return not taken or (len(taken) < self.packs and sum(taken) + megabytes <= memory)


def gpus_here(packs: int, warn: Callable[[str], None]) -> Gpus:
    """Those that this process may use; none, and a warning, where packs will compute on the CPU."""
    gpus = Gpus(visible_gpus(), packs, memory_of_gpus())
    if not gpus.taken:
        warn(
            "--lanes-packs-per-gpu: there is no GPU here (CUDA_VISIBLE_DEVICES is empty, or "
            "nvidia-smi finds none), so packs compute on the CPU, -c of them at a time."
        )
    return gpus


def visible_gpus() -> list[str]:
    """The GPUs that this process may use; none where there is no driver.

    By UUID, unless CUDA_VISIBLE_DEVICES numbers them: CUDA may count in another order than the
    driver's tools.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [device for device in named.split(",") if device]
    return [uuid for _, uuid, _ in _query()]


def memory_of_gpus() -> dict[str, int]:
    """Megabytes by number and by UUID."""
    rows = _query()
    known = [row for row in rows if row[2].isdigit()]
    return {name: int(memory) for index, uuid, memory in known for name in (index, uuid)}


def _query() -> list[list[str]]:
    """[number, UUID, megabytes] of each GPU; nothing where there is no driver."""
    command = ["nvidia-smi", "--query-gpu=index,uuid,memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = [[word.strip() for word in line.split(",")] for line in said.stdout.splitlines()]
    return [row for row in rows if len(row) == 3]
