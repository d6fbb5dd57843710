"""Choose the GPU that a local pack computes on: Snakemake counts GPUs but does not assign them."""

import itertools
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial

EVERYTHING = 10**9  # megabytes of a device whose memory is not known


class Gpus:
    """GPUs, each with room for some packs.

    devices: as CUDA_VISIBLE_DEVICES names them. packs: at most so many on each at a time. memory:
    megabytes of each, to be shared by packs that say how many they need (`gpu_mb`); devices that
    are not in it have no limit. A pack that is alone on a GPU is never refused.
    """

    def __init__(self, devices: Sequence[str], packs: int, memory: Mapping[str, int] | None = None):
        self.packs, self.memory = packs, dict(memory or {})
        self.taken: dict[str, dict[object, int]] = {device: {} for device in devices}

    @property
    def free(self) -> int:
        """How many packs may start now, if they are small enough."""
        return sum(self.packs - len(taken) for taken in self.taken.values())

    def fits(self, megabytes: int) -> bool:
        return any(self._has_room(device, megabytes) for device in self.taken)

    def take(self, pack: object, megabytes: int) -> str:
        """Occupy and return the GPU with the fewest packs among those with room for this one."""
        roomy = [device for device in self.taken if self._has_room(device, megabytes)]
        device = min(roomy, key=lambda one: len(self.taken[one]))
        self.taken[device][pack] = megabytes
        return device

    def give_back(self, pack: object) -> None:
        """Free the GPU that the pack occupies, if any."""
        for taken in self.taken.values():
            taken.pop(pack, None)

    def _has_room(self, device: str, megabytes: int) -> bool:
        taken, memory = self.taken[device], self.memory.get(device, EVERYTHING)
        return not taken or (len(taken) < self.packs and sum(taken.values()) + megabytes <= memory)


def gpus_here(packs: int, warn: Callable[[str], None]) -> Gpus:
    """The GPUs that this process may use; where there is none, a warning that packs use the CPU."""
    memory = visible_here()
    if not memory:
        warn(
            "--lanes-packs-per-gpu: there is no GPU here (CUDA_VISIBLE_DEVICES names none, or "
            "nvidia-smi finds none), so packs compute on the CPU, -c of them at a time."
        )
    return Gpus(list(memory), packs, memory)


def visible_here() -> dict[str, int]:
    """{GPU that this process may use: megabytes of its memory}."""
    known = _query()
    visible = visible_gpus(os.environ.get("CUDA_VISIBLE_DEVICES"), known)
    return {device: memory_of(device, known) for device in visible}


def visible_gpus(named: str | None, known: Mapping[str, int]) -> list[str]:
    """The GPUs that this process may use, read from CUDA_VISIBLE_DEVICES as CUDA does.

    The list ends at the first entry that is no GPU (-1, NoDevFiles, a number too high), and is
    empty if it names a GPU twice. Without that variable GPUs are named by UUID, since CUDA may
    number them differently than the driver's tools.

    named: the variable's value; None if not set. known: GPUs by UUID; empty without a driver.
    """
    if named is None:
        return list(known)
    names = map(str.strip, named.split(","))
    devices = list(itertools.takewhile(partial(_is_gpu, known=known), names))
    return devices if len(set(devices)) == len(devices) else []


def _is_gpu(device: str, known: Mapping[str, int]) -> bool:
    if device.isdecimal():
        return not known or int(device) < len(known)
    return device.startswith(("GPU-", "MIG-"))


def memory_of(device: str, known: Mapping[str, int]) -> int:
    """Megabytes of a device.

    A UUID may be abbreviated. A number gets the smallest memory of all, since CUDA may number GPUs
    differently. The memory of a part of a GPU (MIG) is not known.
    """
    if device.startswith("MIG-"):
        return EVERYTHING
    whole = [memory for uuid, memory in known.items() if uuid.startswith(device)]
    return min(whole or known.values(), default=EVERYTHING)


def _query() -> dict[str, int]:
    """{UUID: megabytes} of each GPU in the driver's order; empty where there is no driver."""
    command = ["nvidia-smi", "--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    rows = [[word.strip() for word in line.split(",")] for line in said.stdout.splitlines()]
    found = [row for row in rows if len(row) == 2 and row[0].startswith("GPU-")]
    return {uuid: int(m) if m.isdecimal() else EVERYTHING for uuid, m in found}
