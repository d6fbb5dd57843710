"""The dropout mask of `models.streams.keep_mask` in one pass over memory.

The hash takes ten operations on 64-bit integers. In PyTorch each of them reads and writes 8 bytes
per element, which for an LSTM at batch 256 is more traffic than all of its matrix products; here an
element is written once. Integer arithmetic is exact, so the mask has the same bits as the twin's.
"""

from math import prod

import torch
import triton
import triton.language as tl
from torch import Tensor

from largebatch.models.streams import keep_mask as keep_mask_plain  # noqa: F401  (the twin)

BLOCK = 1024


def keep_mask(key: Tensor, shape: tuple[int, ...], rate: float, dtype: torch.dtype) -> Tensor:
    """(lanes, *shape) of 0 and 1 / (1 - rate); key: (lanes,) int64."""
    lanes, count = len(key), prod(shape)
    mask = torch.empty(lanes, count, dtype=dtype, device=key.device)
    kept = torch.ones((), dtype=dtype, device=key.device).div_(1 - rate)  # rounded like the twin's
    grid = triton.cdiv(count, BLOCK), lanes
    _keep_mask[grid](key, kept, mask, count, int(rate * 2**32), BLOCK=BLOCK)
    return mask.view(-1, *shape)


@triton.jit
def _keep_mask(key, kept, mask, count, threshold, BLOCK: tl.constexpr):
    lane = tl.program_id(1).to(tl.int64)
    place = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    # SplitMix64's step and MurmurHash3's finaliser, as in models.streams.hashed_bits.
    x = tl.load(key + lane).to(tl.uint64) + (place + 1).to(tl.uint64) * 0x9E3779B97F4A7C15
    x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD
    x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53
    value = tl.where((x >> 32).to(tl.int64) >= threshold, tl.load(kept), 0.0)
    tl.store(mask + lane * count + place, value, mask=place < count)
