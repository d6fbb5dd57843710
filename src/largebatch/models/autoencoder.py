"""The fully connected auto-encoder of figures 6 and 7, several lanes side by side.

The architecture is Hinton & Salakhutdinov's (2006). The paper leaves activation, initialisation and
the reduction over pixels open; they are settings.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from largebatch.models.activations import ACTIVATIONS
from largebatch.models.buffers import lane_buffer
from largebatch.models.dense import DenseLayer
from largebatch.models.init import INITS
from largebatch.models.lane_model import Batch
from largebatch.models.outer import Rule
from largebatch.models.parameters import Parameters, Slot, Views
from largebatch.models.replay import Play, plainly

LARGE = 2**20  # parameters of a lane; with their velocities 8 MiB


class Autoencoder:
    """`lanes` auto-encoders; a `LaneModel`. The target is the input.

    settings: ``widths`` of the encoder, of which the last is the code (the decoder mirrors them);
    ``activation`` of hidden units (sigmoid, tanh, relu); ``init`` (sparse, glorot, he; biases start
    at zero); ``code`` units (linear, or the same as hidden ones); ``output`` units (sigmoid,
    linear); ``reduction`` of the squared error over pixels (sum, mean). The error has no factor 1/2
    and is averaged over the batch. facts: ``shape`` of an image (C, H, W).
    """

    def __init__(
        self,
        settings: dict,
        facts: dict,
        lanes: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        pixels, widths = prod(facts["shape"]), settings["widths"]
        self.sizes = [pixels, *widths, *widths[-2::-1], pixels]
        self._activations = _layer_activations(settings)
        self._draw = INITS[settings["init"]]
        self._terms = pixels if settings["reduction"] == "mean" else 1  # per image, averaged over
        self.parameters = Parameters(
            _slots(self.sizes), lanes, layout="flat", dtype=dtype, device=device
        )
        self.state: dict[str, Tensor] = {}
        self._test_error = torch.zeros(lanes, dtype=torch.float64, device=device)
        self._networks: dict[int, list[DenseLayer]] = {}
        on_cpu = torch.device(device).type == "cpu"
        # Whether `descend` takes one lane after another, because a single lane fills the cache.
        self.one_by_one = on_cpu and self.parameters.count() >= LARGE

    def initialise(self, lane: int, generator: torch.Generator) -> None:
        weight = self.parameters.weight
        for k, (fan_in, fan_out) in enumerate(pairwise(self.sizes), start=1):
            weight[f"layer{k}.weight"][lane] = self._draw(fan_in, fan_out, generator)
            weight[f"layer{k}.bias"][lane] = 0

    def start_epoch(self) -> None:
        """Nothing is carried from step to step."""

    def gradient(self, batch: Batch) -> tuple[Tensor, None]:
        """Inputs are (lanes, batch, pixels) or (lanes, batch, C, H, W)."""
        inputs = batch.inputs.flatten(2)
        return self._backward(self._layers(inputs.shape[1]), inputs), None

    def _backward(self, layers: list[DenseLayer], inputs: Tensor, outer: bool = True) -> Tensor:
        """Return the loss of each lane and fill the gradients (of weights only if `outer`)."""
        loss = self._error(layers, inputs)
        for layer, below in _downwards(layers):
            layer.backward(below, outer)
        return loss

    def _error(self, layers: list[DenseLayer], inputs: Tensor) -> Tensor:
        """Return each lane's loss; leave the output's gradient where the last layer wants it."""
        _forward(layers, inputs)
        scale = 1 / (inputs.shape[1] * self._terms)
        error = torch.sub(layers[-1].y, layers[0].x, out=layers[-1].z)
        loss = error.square().sum((1, 2)).mul_(scale)
        error.mul_(2 * scale)
        return loss

    def descend(
        self, batch: Batch, m: Tensor, e: Tensor, task: dict, nesterov: Tensor | None = None
    ) -> tuple[Tensor, None]:
        """At batch size 1: gradient, L2 and step in one pass over weights and velocities.

        The weight gradient is an outer product, which is never stored. m, e: (lanes, 1); nesterov:
        the same, 1 for lanes of that form (only if lanes go one by one).
        """
        inputs, l2 = batch.inputs.flatten(2), (task["l2"], _l2_of_biases(task))
        if self.one_by_one:
            return self._descend_one_by_one(inputs, _rules(m, e, nesterov), l2), None
        layers = self._layers(1)
        loss = self._error(layers, inputs)
        for layer, below in _downwards(layers):
            layer.backward_and_descend(below, m, e, *l2)
        return loss, None

    def _descend_one_by_one(
        self, inputs: Tensor, rules: list[Rule], l2: tuple[float, float]
    ) -> Tensor:
        losses = []
        for layers, x, rule in zip(self._alone, inputs.split(1), rules, strict=True):
            losses.append(self._backward(layers, x, outer=False))
            for layer in layers:
                layer.descend_alone(rule, *l2)
        return torch.cat(losses)

    def evaluate(
        self, test: Iterable[tuple[Tensor, Tensor]], play: Play = plainly
    ) -> tuple[Tensor, None]:
        """Inputs are (images, pixels) or (images, C, H, W); sums over chunks are in float64."""
        self._test_error.zero_()
        images = 0
        for inputs, _ in test:
            play(self._score, inputs)
            images += len(inputs)
        return self._test_error / (images * self._terms), None

    def _score(self, inputs: Tensor) -> None:
        layers = self._layers(len(inputs))
        _forward(layers, inputs.flatten(1))  # the same images for all lanes: broadcast
        error = (layers[-1].y - layers[0].x).square_()
        self._test_error.add_(error.sum((1, 2)).double())

    def _layers(self, batch: int) -> list[DenseLayer]:
        """The network at this batch size, with its memory."""
        if batch not in self._networks:
            self._networks[batch] = self._network(self.parameters, batch)
        return self._networks[batch]

    @cached_property
    def _alone(self) -> list[list[DenseLayer]]:
        """A network for each lane by itself at batch size 1, with the same weights."""
        lanes = range(self.parameters.lanes)
        return [self._network(self.parameters.only(lane), 1) for lane in lanes]

    def _network(self, parameters: Parameters | Views, batch: int) -> list[DenseLayer]:
        y = lane_buffer(parameters.weight["layer1.weight"], batch, self.sizes[0])
        layers = []
        for k, name in enumerate(self._activations, start=1):
            layers.append(DenseLayer(parameters, f"layer{k}", ACTIVATIONS[name], y))
            y = layers[-1].y
        return layers


def _forward(layers: list[DenseLayer], inputs: Tensor) -> None:
    layers[0].x.copy_(inputs)
    for layer in layers:
        layer.forward()


def _downwards(layers: list[DenseLayer]) -> Iterator[tuple[DenseLayer, Tensor | None]]:
    """Layers from last to first, each with where the gradient of its input goes."""
    below = [None, *(layer.z for layer in layers[:-1])]
    return zip(reversed(layers), reversed(below), strict=True)


def _rules(m: Tensor, e: Tensor, nesterov: Tensor | None) -> list[Rule]:
    forms = torch.zeros_like(m) if nesterov is None else nesterov
    columns = (column.squeeze(1).tolist() for column in (m, e, forms > 0))
    return [Rule(*lane) for lane in zip(*columns, strict=True)]


def _l2_of_biases(task: dict) -> float:
    return task["l2"] if task["l2_on"] == "all" else 0.0


def _layer_activations(settings: dict) -> list[str]:
    """The name of each layer's activation, encoder then decoder."""
    hidden = [settings["activation"]] * (len(settings["widths"]) - 1)
    code = "linear" if settings["code"] == "linear" else settings["activation"]
    return [*hidden, code, *hidden, settings["output"]]


def _slots(sizes: list[int]) -> list[Slot]:
    return [
        slot
        for k, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1)
        for slot in (
            Slot(f"layer{k}.weight", (fan_in, fan_out)),
            Slot(f"layer{k}.bias", (fan_out,), decay=False),
        )
    ]
