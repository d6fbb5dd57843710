"""The gradient of an embedding at batch size 1: a few rows of a matrix that is zero elsewhere.

PyTorch clears the matrix (26 MB per run for the paper's 10,000 words) and, since lanes are not next
to each other, copies it out and back to add some 35 rows. Here only the rows of the previous step
are cleared, and those of this step written.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

MOST = 64  # places, because each looks at all others


class RowSums:
    """gradient[word] <- the sum of delta over the places where the word occurs, else 0.

    gradient: (lanes, words, width), zero at first and filled by nobody else. places: per step.
    """

    def __init__(self, gradient: Tensor, places: int):
        self.gradient = gradient
        self.filled = torch.zeros(len(gradient), places, dtype=torch.int64, device=gradient.device)

    def __call__(self, words: Tensor, delta: Tensor) -> None:
        """Fill the gradient of one step.

        words: (lanes, places) int64. delta: (lanes, places, width), each row contiguous.
        """
        lanes, places, width = delta.shape
        gradient, strides = self.gradient, (self.gradient.stride(0), *delta.stride()[:2])
        sizes = {"PLACES": triton.next_power_of_2(places), "WIDTH": triton.next_power_of_2(width)}
        words = words.contiguous()
        _clear[places, lanes](gradient, self.filled, strides[0], places, width, sizes["WIDTH"])
        _sum_rows[places, lanes](gradient, words, delta, *strides, places, width, **sizes)
        self.filled.copy_(words)


@triton.jit
def _clear(gradient, filled, stride, places, width, WIDTH: tl.constexpr):
    place, lane = tl.program_id(0), tl.program_id(1).to(tl.int64)
    word = tl.load(filled + lane * places + place)
    column = tl.arange(0, WIDTH)
    zeros = tl.zeros([WIDTH], tl.float32)
    tl.store(gradient + lane * stride + word * width + column, zeros, mask=column < width)


@triton.jit
def _sum_rows(
    gradient, words, delta, stride, delta_stride, row_stride, places, width,
    PLACES: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    """Sum rows: the first place of a word adds up all of the word's places, in their order."""
    place, lane = tl.program_id(0), tl.program_id(1).to(tl.int64)
    words += lane * places
    word = tl.load(words + place)
    each = tl.arange(0, PLACES)
    same = tl.load(words + each, mask=each < places, other=-1) == word
    if tl.min(tl.where(same, each, PLACES), 0) == place:
        column = tl.arange(0, WIDTH)
        known = column < width
        total = tl.zeros([WIDTH], tl.float32)
        for other in range(place, places):
            if tl.load(words + other) == word:
                at = delta + lane * delta_stride + other * row_stride + column
                total += tl.load(at, mask=known, other=0.0)
        tl.store(gradient + lane * stride + word * width + column, total, mask=known)
