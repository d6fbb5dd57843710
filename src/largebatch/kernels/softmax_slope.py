"""The gradient of the cross-entropy by the logits in one pass: (p - 1 at the target, p elsewhere).

PyTorch takes three passes; to subtract at the targets it also sorts them and copies the whole
matrix out and back, since lanes are not next to each other.
"""

import triton
import triton.language as tl
from torch import Tensor

BLOCK = 1024


def softmax_slope(log_p: Tensor, targets: Tensor, scale: float, out: Tensor) -> None:
    """out <- scale (exp(log_p) - 1 at the target).

    log_p, out: (lanes, places, words), each lane contiguous. targets: (lanes, places) int64.
    """
    lanes, places, words = log_p.shape
    _slope[places, triton.cdiv(words, BLOCK), lanes](
        *(log_p, targets, out, scale, words, log_p.stride(0)),
        *(targets.stride(0), targets.stride(1), out.stride(0), BLOCK),
    )


@triton.jit
def _slope(
    log_p, targets, out, scale, words,
    log_p_stride, targets_stride, target_stride, out_stride, BLOCK: tl.constexpr,
):  # fmt: skip
    place, lane = tl.program_id(0).to(tl.int64), tl.program_id(2).to(tl.int64)
    word = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    target = tl.load(targets + lane * targets_stride + place * target_stride)
    known = word < words
    p = tl.exp(tl.load(log_p + lane * log_p_stride + place * words + word, mask=known))
    slope = scale * (p - tl.where(word == target, 1.0, 0.0))
    tl.store(out + lane * out_stride + place * words + word, slope, mask=known)
