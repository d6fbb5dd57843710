"""An LSTM layer for tests of its kernels, on either device."""

import torch

from largebatch.models.lstm_layer import LstmLayer
from largebatch.models.lstm_layout import layer_slots
from largebatch.models.parameters import Parameters


def layer_of(kind: type[LstmLayer], width: int, lanes: int, time: int, device) -> LstmLayer:
    """A layer whose weights, inputs and past depend on the lane and on nothing else."""
    parameters = Parameters(layer_slots("a", width), lanes, layout="flat", device=device)
    layer = kind(parameters, "a", time, 1)
    for lane in range(lanes):
        draw = torch.Generator().manual_seed(lane)
        for weight in parameters.weight.values():
            weight[lane] = torch.randn(weight.shape[1:], generator=draw) / width**0.5
        past = layer.hidden[:, :1], layer.cell[:, :1]
        for values in (layer.x, layer.z, layer.delta, *past):
            values[lane] = torch.randn(values.shape[1:], generator=draw)
    return layer
