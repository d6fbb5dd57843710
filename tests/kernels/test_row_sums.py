"""The embedding's gradient by rows is PyTorch's sum, step after step."""

import pytest
import torch
from torch.testing import assert_close

from largebatch.kernels.row_sums import RowSums


def plain(words: torch.Tensor, delta: torch.Tensor, vocabulary: int) -> torch.Tensor:
    lanes, _, width = delta.shape
    gradient = delta.new_zeros(lanes, vocabulary, width)
    lane = torch.arange(lanes, device=delta.device).unsqueeze(1)
    return gradient.index_put_((lane, words), delta, accumulate=True)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 35, 20), (2, 50, 33)])
@pytest.mark.parametrize("vocabulary", [2, 400])
def test_equals_its_plain_twin_step_after_step(shape, vocabulary, device):
    (lanes, places, width), draw = shape, torch.Generator().manual_seed(0)
    memory = torch.zeros(lanes, vocabulary * width + 7, device=device)  # gaps between lanes
    gradient = memory[:, : vocabulary * width].unflatten(1, (vocabulary, width))
    row_sums = RowSums(gradient, places)
    for _ in range(2):
        words = torch.randint(0, vocabulary, (lanes, places), generator=draw).to(device)
        delta = torch.randn(lanes, places, width, generator=draw).to(device)
        row_sums(words, delta)
        assert_close(gradient, plain(words, delta, vocabulary))
        assert not memory[:, vocabulary * width :].any()


def test_words_that_several_lanes_share_a_row_of_memory_for(device):
    """Tokens come expanded over lanes, without memory of their own."""
    words = torch.tensor([[4, 1, 4]], device=device).expand(2, -1)
    delta = torch.arange(12.0, device=device).view(2, 3, 2)
    gradient = torch.zeros(2, 5, 2, device=device)
    RowSums(gradient, 3)(words, delta)
    assert_close(gradient, plain(words, delta, 5))
