"""The slope of the cross-entropy is autograd's."""

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from largebatch.kernels.softmax_slope import softmax_slope


@pytest.mark.parametrize("shape", [(1, 1, 5), (3, 4, 1500)])
def test_equals_autograd(shape, device):
    (lanes, places, words), draw = shape, torch.Generator().manual_seed(0)
    logits = torch.randn(shape, generator=draw).to(device).requires_grad_()
    targets = torch.randint(0, words, (places, lanes), generator=draw).to(device).T
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    (expected,) = torch.autograd.grad(loss, logits)
    memory = torch.full((lanes, places * words + 9), torch.nan, device=device)
    out = memory[:, : places * words].unflatten(1, (places, words))
    softmax_slope(torch.log_softmax(logits.detach(), 2), targets, 0.5, out)
    assert_close(out, 0.5 * expected)
    assert memory[:, places * words :].isnan().all()
