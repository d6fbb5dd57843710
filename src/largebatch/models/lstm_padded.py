"""An LSTM's training steps on a GPU, its hidden units filled up to a multiple of 16.

Tensor cores read matrices in pieces of 16 bytes, so cuBLAS has fast kernels only for rows of such a
length: with 650 hidden units, 2600 bytes, it takes ones that read number by number. Here the layers
have 656. The added units have no weights: their gates' inputs are 0, hence g = tanh(0) = 0, c = 0
and h = 0; and no gradient reaches them, since nothing reads them. So they stay exactly 0, and all
else is the same to rounding. Parameters, dropout's masks and the state keep their shapes, whatever
the network is computed with; weights are copied before a step and gradients after it.
"""

from functools import cached_property

from torch import Tensor

from largebatch.models.buffers import lane_buffer, product_buffer
from largebatch.models.lstm_network import UnrolledNetwork
from largebatch.models.parameters import ALIGNMENT, Parameters, Slot, Views

MULTIPLE = ALIGNMENT  # hidden units; so no lane of a `product_buffer` needs a gap


def padded_width(hidden: int) -> int:
    return -(-hidden // MULTIPLE) * MULTIPLE


class PaddedWeights:
    """Weights and gradients of `parameters`, filled up with zeros to the shapes of `slots`.

    ``views``: what a network reads and writes, without velocities. The embedding, which is no
    factor of a product, and what has no hidden units are the parameters' own.
    """

    def __init__(self, parameters: Parameters, slots: list[Slot]):
        own, like = parameters.weight, parameters.weight["embedding"]
        wider = [s for s in slots if s.shape != own[s.name].shape[1:] and s.name != "embedding"]
        weight, gradient = ({s.name: lane_buffer(like, *s.shape) for s in wider} for _ in range(2))
        self.views = Views(own | weight, {}, parameters.gradient | gradient)
        self._weights = [_alike(padded, own[name]) for name, padded in weight.items()]
        own_gradient = parameters.gradient
        self._gradients = [_alike(padded, own_gradient[name]) for name, padded in gradient.items()]

    def copy_weights(self) -> None:
        """From the parameters."""
        for padded, own in self._weights:
            padded.copy_(own)

    def copy_gradients(self) -> None:
        """To the parameters."""
        for padded, own in self._gradients:
            own.copy_(padded)


def _alike(padded: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """Views of one shape: what both hold, (lanes, ...); columns of gates are (4, hidden)."""
    if padded.shape[-1] != own.shape[-1]:
        padded, own = (tensor.unflatten(-1, (4, -1)) for tensor in (padded, own))
    return padded[tuple(map(slice, own.shape))], own


class PaddedNetwork(UnrolledNetwork):
    """As its base, computed with more hidden units than words, masks and state have."""

    def __init__(
        self, padded: PaddedWeights, layers: int, time: int, batch: int, own_kernels: bool = False
    ):
        super().__init__(padded.views, layers, time, batch, own_kernels=own_kernels)
        self.padded = padded

    @cached_property
    def words_delta(self) -> Tensor:
        return product_buffer(self.softmax, *self.x_delta.shape[1:3], self.width)

    def forward(self, inputs: Tensor, targets: Tensor, masks: Tensor | None) -> Tensor:
        self.padded.copy_weights()
        return super().forward(inputs, targets, masks)

    def backward(self, scale: float) -> None:
        super().backward(scale)
        self.padded.copy_gradients()

    def _drop(self, values: Tensor, place: int, out: Tensor) -> None:
        """The added units are left as they are: zero in every buffer."""
        real = out[..., : self.width]
        super()._drop(real if out is values else values[..., : self.width], place, out=real)
