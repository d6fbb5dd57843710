"""The mask in one pass is the mask of ten, bit for bit."""

import pytest
import torch

from largebatch.kernels.keep_mask import keep_mask, keep_mask_plain
from largebatch.models.streams import keys


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equals_its_plain_twin(rate, dtype, device):
    key = keys([0, 1, 2**31], "dropout", 3, device)
    for shape in [(1,), (5, 7), (3, 4, 333)]:
        own, plain = (f(key, shape, rate, dtype) for f in (keep_mask, keep_mask_plain))
        assert own.dtype == plain.dtype and torch.equal(own, plain)
