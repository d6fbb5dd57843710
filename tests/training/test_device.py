"""Where a pack computes."""

import pytest
import torch

from largebatch.errors import UserError
from largebatch.training.device import choose


@pytest.mark.parametrize(
    ("built", "reason"), [("12.8", "finds no GPU here"), (None, "is built without CUDA")]
)
def test_a_gpu_that_is_not_there(built, reason, monkeypatch) -> None:
    """An option, a pack file or the config may have asked for it, so the sentence blames none."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", built)
    assert choose("auto") == choose("cpu") == torch.device("cpu")
    with pytest.raises(UserError, match=f"^device: cuda was asked for, but PyTorch {reason}"):
        choose("cuda")
