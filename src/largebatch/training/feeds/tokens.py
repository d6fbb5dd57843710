"""Text as minibatches: parallel streams of tokens, cut into steps of a fixed length."""

from collections.abc import Iterator

import torch
from torch import Tensor

from largebatch.errors import UserError
from largebatch.models.lane_model import Batch
from largebatch.models.streams import keys

TEST_CHUNK = 256  # tokens; bounds the memory of an evaluation
STEP = -3335678366873096957  # 0xD1B54A32D192ED03 (odd); gives each step of an epoch its own key


class TokenFeed:
    """A `Feed` of `batch` streams of tokens, `unroll` at a time; each target is the next token.

    data: ``train_tokens`` and ``test_tokens``, integers (N,). Text has an order, so every epoch of
    every lane reads the same minibatches, (lanes, batch, unroll); lanes differ in their dropout
    keys. `batchify` says how the text is cut into streams of floor(N / batch) tokens: one after the
    other (``contiguous``, as in TensorFlow), or stream i starting at round(i N / batch)
    (``offsets``, as in Zaremba et al.). What is left at the end of the streams is not trained on.
    """

    def __init__(
        self,
        data,
        seeds: list[int],
        batch: int,
        *,
        unroll: int,
        batchify: str = "contiguous",
        device: torch.device | str = "cpu",
    ):
        self._streams = streams(data.train_tokens, batch, batchify).to(device, torch.int64)
        self._test = data.test_tokens.to(device, torch.int64)
        self._seeds, self._unroll, self._device = seeds, unroll, device
        self.steps = (self._streams.shape[1] - 1) // unroll
        if self.steps < 1:
            raise UserError(
                f"{len(data.train_tokens)} training tokens are too few for batch {batch} and "
                f"unroll {unroll}: have at least {batch * (unroll + 1)}, or lower one of the two."
            )
        self.sizes = [batch] * self.steps
        shape = self.steps, len(seeds)
        self._keys = torch.zeros(shape, dtype=torch.int64, device=device)
        self._window = torch.arange(unroll + 1, device=device)

    def start_epoch(self, epoch: int) -> None:
        key = keys(self._seeds, "dropout", epoch, self._device)
        step = torch.arange(self.steps, device=self._device).unsqueeze(1)
        self._keys.copy_(key + step * STEP)  # wraps around

    def batch(self, step: int) -> Batch:
        start = step * self._unroll
        window = self._streams[:, start : start + self._unroll + 1]  # (batch, unroll + 1)
        return self._to_lanes(window, self._keys[step].clone())

    def batch_at(self, position: Tensor, size: int) -> Batch:
        window = self._streams.index_select(1, position * self._unroll + self._window)
        return self._to_lanes(window, self._keys.index_select(0, position.view(1))[0])

    def _to_lanes(self, window: Tensor, key: Tensor) -> Batch:
        window = window.expand(len(self._seeds), -1, -1)
        return Batch(window[:, :, :-1], window[:, :, 1:], key)

    def test(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The test set as one stream: chunks of (inputs, targets), (time,) each, in order."""
        inputs, targets = self._test[:-1], self._test[1:]
        return zip(inputs.split(TEST_CHUNK), targets.split(TEST_CHUNK), strict=True)


def streams(tokens: Tensor, batch: int, batchify: str) -> Tensor:
    """Cut tokens (N,) into streams (batch, floor(N / batch))."""
    count = len(tokens)
    length = count // batch
    starts = [
        i * length if batchify == "contiguous" else (2 * i * count + batch) // (2 * batch)
        for i in range(batch)
    ]
    return torch.stack([tokens[start : start + length] for start in starts])
