"""Random numbers that depend on a run's seed, a stream's name and a position, and on nothing else.

A run draws the same numbers alone or beside any neighbours, uninterrupted or resumed in mid-epoch,
and SGD and momentum draw the same ones (common random numbers). Hence no generator outlives an
epoch: init, order and augmentation take a fresh generator for (seed, stream, epoch), and dropout
takes a counter-based hash whose bits are the same on CPU and GPU.
"""

import hashlib
from math import prod

import torch
from torch import Tensor

BLOCK = 1 << 15  # hashes at a time on the CPU: 256 KiB


def stream_seed(seed: int, stream: str, epoch: int = 0) -> int:
    """A 63-bit number for (seed, stream, epoch); names keep streams independent."""
    digest = hashlib.sha256(f"{stream}/{seed}/{epoch}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator(seed: int, stream: str, epoch: int = 0) -> torch.Generator:
    """A CPU generator for one stream of one run in one epoch."""
    return torch.Generator().manual_seed(stream_seed(seed, stream, epoch))


def keys(seeds: list[int], stream: str, epoch: int, device: torch.device | str = "cpu") -> Tensor:
    """Keys for `hashed_bits`, one per lane: (lanes,) int64."""
    return torch.tensor([stream_seed(s, stream, epoch) for s in seeds], device=device)


def hashed_bits(key: Tensor, count: int, start: int = 0) -> Tensor:
    """Hash (key, position), for positions from `start` on: (lanes, count) integers in [0, 2^32).

    It is the upper half of MurmurHash3's finaliser (64 bit) over key + position x an odd constant.
    Integer arithmetic wraps in the same way on every device.
    """
    position = torch.arange(start + 1, start + count + 1, device=key.device)
    x = key.unsqueeze(1) + position * -7046029254386353131  # 0x9E3779B97F4A7C15, as SplitMix64
    x.bitwise_xor_(_shift(x, 33)).mul_(-49064778989728563)  # 0xFF51AFD7ED558CCD
    x.bitwise_xor_(_shift(x, 33)).mul_(-4265267296055464877)  # 0xC4CEB9FE1A85EC53
    return _shift(x, 32)


def _shift(x: Tensor, bits: int) -> Tensor:
    """Logical right shift of int64 (torch's is arithmetic)."""
    return (x >> bits).bitwise_and_((1 << (64 - bits)) - 1)


def keep_mask(key: Tensor, shape: tuple[int, ...], rate: float, dtype: torch.dtype) -> Tensor:
    """(lanes, *shape) of 0 and 1/(1-rate): inverted dropout with drop probability `rate`.

    On the CPU it works block by block, so that intermediate integers stay in the cache.
    """
    lanes, count = len(key), prod(shape)
    width = max(1, BLOCK // lanes) if key.device.type == "cpu" else count
    mask = torch.empty(lanes, count, dtype=dtype, device=key.device)
    for start in range(0, count, width):
        block = mask[:, start : start + width]
        block.copy_(hashed_bits(key, block.shape[1], start) >= int(rate * 2**32))
    return mask.div_(1 - rate).view(-1, *shape)
