"""Embedding, LSTM layers and softmax of several lanes, unrolled over a fixed number of steps."""

from functools import cached_property

import torch
from torch import Tensor

from largebatch.models.buffers import lane_buffer, product_buffer
from largebatch.models.lstm_layer import LstmLayer
from largebatch.models.parameters import Parameters, Views


class UnrolledNetwork:
    """The network over `time` steps of one batch size, with its memory.

    Tokens are (lanes, time x batch), time first. Dropout masks are (lanes, layers + 1, time, batch,
    hidden), below, between and above the layers; None for no dropout. layer: `LstmLayer` or a
    subclass. own_kernels, few_rows: see `LSTM`.
    """

    def __init__(
        self,
        parameters: Parameters | Views,
        layers: int,
        time: int,
        batch: int,
        layer: type[LstmLayer] = LstmLayer,
        own_kernels: bool = False,
        few_rows: bool = False,
    ):
        names = [f"layer{k}" for k in range(1, layers + 1)]
        self.layers = [layer(parameters, name, time, batch) for name in names]
        self.weight, self.gradient = parameters.weight, parameters.gradient
        self.softmax = parameters.weight["softmax.weight"]
        self.width = parameters.weight["embedding"].shape[2]  # of words, masks and state
        rows, vocabulary = self.softmax.shape[1:]
        self.padded = rows > self.width
        self.top = lane_buffer(self.softmax, time, batch, rows)  # what the softmax sees
        self.logits = product_buffer(self.softmax, time * batch, vocabulary)
        self.minus_one = -torch.ones_like(self.logits[:, :, 0])
        self.own_kernels, self.few_rows = own_kernels, few_rows
        self.lane = torch.arange(len(self.softmax), device=self.softmax.device).unsqueeze(1)
        self.place = torch.arange(time * batch, device=self.softmax.device)

    @cached_property
    def logits_delta(self) -> Tensor:
        """The gradient of the logits, (lanes, time x batch, vocabulary)."""
        return lane_buffer(self.softmax, *self.logits.shape[1:])

    @cached_property
    def words_delta(self) -> Tensor:
        """The gradient of what the first layer reads, (lanes, time, batch, hidden)."""
        return product_buffer(self.softmax, *self.layers[0].x.shape[1:])

    def enter(self, state: dict[str, Tensor]) -> None:
        """Read the state before the first step: `hidden` and `cell` of the `LSTM`."""
        for k, layer in enumerate(self.layers):
            layer.hidden[:, 0, :, : self.width] = state["hidden"][:, k]
            layer.cell[:, 0, :, : self.width] = state["cell"][:, k]

    def leave(self, state: dict[str, Tensor]) -> None:
        """Write the state after the last step."""
        for k, layer in enumerate(self.layers):
            state["hidden"][:, k] = layer.hidden[:, -1, :, : self.width]
            state["cell"][:, k] = layer.cell[:, -1, :, : self.width]

    def forward(self, inputs: Tensor, targets: Tensor, masks: Tensor | None) -> Tensor:
        """Negative log-likelihood of the targets, summed over tokens: (lanes,), in nats."""
        self.inputs, self.targets, self.masks = inputs, targets, masks
        values = self.weight["embedding"][self.lane, inputs].unflatten(1, self.top.shape[1:3])
        for place, layer in enumerate(self.layers):
            self._drop(values, place, out=layer.x)
            layer.forward()
            values = layer.hidden[:, 1:]
        self._drop(values, len(self.layers), out=self.top)
        bias = self.weight["softmax.bias"].unsqueeze(1)
        torch.baddbmm(bias, self.top.flatten(1, 2), self.softmax, out=self.logits)
        self.log_p = torch.log_softmax(self.logits, 2)
        return self.log_p.gather(2, targets.unsqueeze(2)).sum((1, 2)).neg_()

    def backward(self, scale: float) -> None:
        """Fill all gradients of `scale` times the sum that `forward` returned."""
        delta = self._logits_delta(scale)
        torch.bmm(self.top.flatten(1, 2).mT, delta, out=self.gradient["softmax.weight"])
        torch.sum(delta, 1, out=self.gradient["softmax.bias"])
        torch.bmm(delta, self.softmax.mT, out=self.layers[-1].delta.flatten(1, 2))
        deltas = [self.words_delta, *(layer.delta for layer in self.layers)]
        for k in reversed(range(len(self.layers))):
            self._drop(deltas[k + 1], k + 1, out=deltas[k + 1])
            self.layers[k].backward(below=deltas[k])
        self._drop(deltas[0], 0, out=deltas[0])
        self._embedding_gradient()

    def _logits_delta(self, scale: float) -> Tensor:
        """`scale` times p, and p - 1 at the target."""
        if self.own_kernels:
            from largebatch.kernels.softmax_slope import softmax_slope

            softmax_slope(self.log_p, self.targets, scale, out=self.logits_delta)
            return self.logits_delta
        delta = torch.exp(self.log_p, out=self.logits_delta)
        targets = self.lane, self.place, self.targets
        # Not scatter_add_: in deterministic mode it may copy from the host, which no graph records.
        return delta.index_put_(targets, self.minus_one, accumulate=True).mul_(scale)

    def _embedding_gradient(self) -> None:
        """Sum over the places where a word occurs: in their order on CPU, sorted on CUDA."""
        delta = self.words_delta.flatten(1, 2)[..., : self.width]
        if self._row_sums is not None:
            self._row_sums(self.inputs, delta)
            return
        gradient = self.gradient["embedding"].zero_()
        gradient.index_put_((self.lane, self.inputs), delta, accumulate=True)

    @cached_property
    def _row_sums(self):
        """The kernel for few places, or None; nothing else may write to the gradient."""
        if not (self.own_kernels and self.few_rows):
            return None
        from largebatch.kernels.row_sums import MOST, RowSums

        places = len(self.place)
        return RowSums(self.gradient["embedding"], places) if places <= MOST else None

    def _drop(self, values: Tensor, place: int, out: Tensor) -> None:
        """Apply dropout; padding units are left as they are, zero in every buffer."""
        if self.padded:
            values, out = values[..., : self.width], out[..., : self.width]
        if self.masks is not None:
            torch.mul(values, self.masks[:, place], out=out)
        elif out.data_ptr() != values.data_ptr():
            out.copy_(values)
