"""The fully connected auto-encoder of figures 6 and 7, several lanes side by side.

Hinton & Salakhutdinov's architecture (2006). The paper leaves activation, initialisation and the
reduction over pixels open; they are settings.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from largebatch.models.activations import ACTIVATIONS
from largebatch.models.buffers import lane_buffer
from largebatch.models.dense import DenseLayer
from largebatch.models.init import INITS
from largebatch.models.lane_model import Batch
from largebatch.models.parameters import Parameters, Slot
from largebatch.models.replay import Play, plainly


class Autoencoder:
    """`lanes` auto-encoders; a `LaneModel`. The target is the input.

    settings: ``widths`` of the encoder, the last one the code (the decoder mirrors them);
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
        self._terms = pixels if settings["reduction"] == "mean" else 1  # averaged over, per image
        self.parameters = Parameters(
            _slots(self.sizes), lanes, layout="flat", dtype=dtype, device=device
        )
        self.state: dict[str, Tensor] = {}
        self._test_error = torch.zeros(lanes, dtype=torch.float64, device=device)
        self._networks: dict[int, list[DenseLayer]] = {}

    def initialise(self, lane: int, generator: torch.Generator) -> None:
        weight = self.parameters.weight
        for k, (fan_in, fan_out) in enumerate(pairwise(self.sizes), start=1):
            weight[f"layer{k}.weight"][lane] = self._draw(fan_in, fan_out, generator)
            weight[f"layer{k}.bias"][lane] = 0

    def start_epoch(self) -> None:
        """Nothing is carried from step to step."""

    def gradient(self, batch: Batch) -> tuple[Tensor, None]:
        """Inputs (lanes, batch, pixels), or (lanes, batch, C, H, W)."""
        loss, _ = self._backward(batch)
        return loss, None

    def _backward(self, batch: Batch, outer: bool = True) -> tuple[Tensor, list[DenseLayer]]:
        layers = self._forward(batch.inputs.flatten(2))
        scale = 1 / (batch.inputs.shape[1] * self._terms)
        error = torch.sub(layers[-1].y, layers[0].x, out=layers[-1].z)
        loss = error.square().sum((1, 2)).mul_(scale)
        error.mul_(2 * scale)
        for layer, below in zip(layers[:0:-1], layers[-2::-1], strict=True):
            layer.backward(below.z, outer)
        layers[0].backward(None, outer)
        return loss, layers

    def descend(self, batch: Batch, m: Tensor, e: Tensor, task: dict) -> tuple[Tensor, None]:
        """At batch size 1: gradient, L2 and step in one pass over weights and velocities.

        The gradient of a weight is an outer product, which is never stored. m, e: (lanes, 1).
        """
        loss, layers = self._backward(batch, outer=False)
        everywhere = task["l2_on"] == "all"
        for layer in layers:
            layer.descend(m, e, task["l2"], task["l2"] if everywhere else 0.0)
        return loss, None

    def evaluate(
        self, test: Iterable[tuple[Tensor, Tensor]], play: Play = plainly
    ) -> tuple[Tensor, None]:
        """Test inputs (images, pixels), or (images, C, H, W); sums over chunks are in float64."""
        self._test_error.zero_()
        images = 0
        for inputs, _ in test:
            play(self._score, inputs)
            images += len(inputs)
        return self._test_error / (images * self._terms), None

    def _score(self, inputs: Tensor) -> None:
        layers = self._forward(inputs.flatten(1))
        error = (layers[-1].y - layers[0].x).square_()
        self._test_error.add_(error.sum((1, 2)).double())

    def _forward(self, inputs: Tensor) -> list[DenseLayer]:
        batch = inputs.shape[-2]
        if batch not in self._networks:
            self._networks[batch] = self._network(batch)
        layers = self._networks[batch]
        layers[0].x.copy_(inputs)  # a test image is the same for all lanes: broadcast
        for layer in layers:
            layer.forward()
        return layers

    def _network(self, batch: int) -> list[DenseLayer]:
        y = lane_buffer(self.parameters.blocks[0].weight, batch, self.sizes[0])
        layers = []
        for k, name in enumerate(self._activations, start=1):
            layers.append(DenseLayer(self.parameters, f"layer{k}", ACTIVATIONS[name], y))
            y = layers[-1].y
        return layers


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
