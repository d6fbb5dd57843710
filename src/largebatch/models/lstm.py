"""The word-level language model of figures 8 and 9, several lanes side by side.

Zaremba, Sutskever & Vinyals (2014): embedding, LSTM layers, softmax, with dropout on every
connection that does not go through time. Their published code sums the gradient over the unrolled
steps, adds two bias vectors in each layer, and draws every parameter from one uniform distribution.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from largebatch.models.init import uniform
from largebatch.models.lane_model import Batch
from largebatch.models.lstm_layer import LstmLayer
from largebatch.models.lstm_layout import held_units, parameter_slots
from largebatch.models.lstm_network import UnrolledNetwork
from largebatch.models.parameters import Parameters
from largebatch.models.replay import Play, plainly
from largebatch.models.streams import keep_mask


class LSTM:
    """`lanes` language models; a `LaneModel`.

    settings: ``layers``, ``hidden`` (also the width of the embedding), ``dropout`` (probability of
    zero), ``init_scale`` (all parameters start uniform in +-init_scale), ``time_reduction`` of the
    trained loss (sum or mean over the unrolled steps; averaged over the batch), ``hidden_state``
    at the next unroll (carry, reset). facts: ``vocabulary``, the number of words. batch: how many
    streams are trained on in parallel. own_kernels: use Triton kernels for dropout's mask (the same
    bits) and for the steps at batch size 1 in training and in every test (the same to rounding),
    and memory for a multiple of 16 hidden units (see `held_units`). few_rows: nothing else adds to
    the embedding's gradient, so that one of our kernels may write only the rows of a step.

    ``state``: ``hidden`` and ``cell``, (lanes, layers, batch, hidden), where the last unroll ended;
    they are constants for the gradient.
    """

    def __init__(
        self,
        settings: dict,
        facts: dict,
        lanes: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        *,
        batch: int,
        own_kernels: bool = False,
        few_rows: bool = False,
    ):
        self.layers, self.hidden = settings["layers"], settings["hidden"]
        self._dropout, self._scale = settings["dropout"], settings["init_scale"]
        self._sum_over_time = settings["time_reduction"] == "sum"
        self._keep_mask = _fused_keep_mask() if own_kernels else keep_mask
        self._own_kernels, self._few_rows = own_kernels, few_rows
        self._carry = settings["hidden_state"] == "carry"
        held = held_units(self.hidden) if own_kernels else self.hidden
        slots = parameter_slots(facts["vocabulary"], self.layers, self.hidden, held)
        self.parameters = Parameters(slots, lanes, layout="flat", dtype=dtype, device=device)
        self.state = self._zero_state(batch)
        self._test_state = self._zero_state(batch=1)
        self._test_loss = torch.zeros(lanes, dtype=torch.float64, device=device)
        self._networks: dict[tuple[int, int], UnrolledNetwork] = {}

    def initialise(self, lane: int, generator: torch.Generator) -> None:
        for slot in self.parameters.slots:
            self.parameters.weight[slot.name][lane] = uniform(slot.shape, self._scale, generator)

    def start_epoch(self) -> None:
        for state in self.state.values():
            state.zero_()

    def gradient(self, batch: Batch) -> tuple[Tensor, None]:
        """Inputs, targets: (lanes, batch, time). The loss is the mean over tokens, in nats."""
        _, size, time = batch.inputs.shape
        network = self._network(time, size)
        if not self._carry:
            self.start_epoch()
        network.enter(self.state)
        masks = self._masks(batch.key, time, size)
        loss = network.forward(_time_major(batch.inputs), _time_major(batch.targets), masks)
        network.leave(self.state)
        network.backward(1 / size if self._sum_over_time else 1 / (size * time))
        return loss / (size * time), None

    def evaluate(
        self, test: Iterable[tuple[Tensor, Tensor]], play: Play = plainly
    ) -> tuple[Tensor, None]:
        """Mean loss over the tokens of one stream, given in chunks (time,), from a zero state."""
        for memory in (self._test_loss, *self._test_state.values()):
            memory.zero_()
        tokens = 0
        for inputs, targets in test:
            play(self._score, inputs, targets)
            tokens += len(inputs)
        return self._test_loss / tokens, None

    def _score(self, inputs: Tensor, targets: Tensor) -> None:
        lanes, network = self.parameters.lanes, self._network(len(inputs), 1)
        network.enter(self._test_state)
        loss = network.forward(inputs.expand(lanes, -1), targets.expand(lanes, -1), None)
        network.leave(self._test_state)
        self._test_loss.add_(loss.double())

    def _network(self, time: int, batch: int) -> UnrolledNetwork:
        shape = time, batch
        if shape not in self._networks:
            self._networks[shape] = self._unrolled(time, batch)
        return self._networks[shape]

    def _unrolled(self, time: int, batch: int) -> UnrolledNetwork:
        layer = _layer_for(batch, self.hidden) if self._own_kernels else LstmLayer
        kernels = {"own_kernels": self._own_kernels, "few_rows": self._few_rows}
        return UnrolledNetwork(self.parameters.held, self.layers, time, batch, layer, **kernels)

    def _zero_state(self, batch: int) -> dict[str, Tensor]:
        weight = self.parameters.blocks[0].weight
        shape = len(weight), self.layers, batch, self.hidden
        return {name: weight.new_zeros(shape) for name in ("hidden", "cell")}

    def _masks(self, key: Tensor, time: int, batch: int) -> Tensor | None:
        """Masks (lanes, places, time, batch, hidden) below, between and above the layers."""
        if self._dropout == 0:
            return None
        shape = self.layers + 1, time, batch, self.hidden
        return self._keep_mask(key, shape, self._dropout, self.state["hidden"].dtype)


def _fused_keep_mask():
    """Import the kernel only when it is used, as Triton is not installed everywhere."""
    from largebatch.kernels.keep_mask import keep_mask

    return keep_mask


def _layer_for(batch: int, hidden: int) -> type[LstmLayer]:
    from largebatch.models.lstm_stationary import StationaryLstmLayer

    return StationaryLstmLayer if StationaryLstmLayer.suits(batch, hidden) else LstmLayer


def _time_major(tokens: Tensor) -> Tensor:
    """(lanes, batch, time) to (lanes, time x batch)."""
    return tokens.transpose(1, 2).flatten(1)
