"""The plain objectives are the models' own: same gradients, in float64."""

import pytest
import torch

from largebatch.analysis.measure.curvature import gradient, named
from largebatch.analysis.measure.objective import objective_of
from largebatch.models.lane_model import Batch
from largebatch.models.lstm import LSTM
from largebatch.models.streams import generator
from largebatch.training.build import MODELS

WRN = {"kind": "wrn", "depth": 10, "width": 1, "init": "he", "gamma": "uniform"}
AUTOENCODER = {"kind": "autoencoder", "widths": [6, 5, 3], "init": "glorot", "code": "linear"}
LSTM_SETTINGS = {
    "kind": "lstm",
    "layers": 2,
    "hidden": 4,
    "dropout": 0.0,
    "init_scale": 0.5,
    "hidden_state": "reset",
}
CASES = {
    "wrn": WRN | {"normalization": "batch"},
    "wrn, ghosts": WRN | {"normalization": "batch", "ghost_batch": 4},
    "wrn, no norm": WRN | {"normalization": "none"},
    "autoencoder": AUTOENCODER | {"activation": "sigmoid", "output": "sigmoid", "reduction": "sum"},
    "autoencoder, mean": AUTOENCODER
    | {"activation": "tanh", "output": "linear", "reduction": "mean", "code": "same"},
    "lstm": LSTM_SETTINGS | {"time_reduction": "sum"},
    "lstm, mean": LSTM_SETTINGS | {"time_reduction": "mean"},
}
IMAGES = {"shape": [1, 8, 8], "classes": 5}


def case(settings: dict, batch: int = 10):
    """A model of two lanes with drawn weights, and a minibatch."""
    random = torch.Generator().manual_seed(1)
    if settings["kind"] == "lstm":
        model = LSTM(settings, {"vocabulary": 7}, 2, torch.float64, batch=batch)
        tokens = torch.randint(0, 7, (2, batch, 6), generator=random)
        inputs, targets = tokens[:, :, :-1], tokens[:, :, 1:]
    else:
        model = MODELS[settings["kind"]](settings, IMAGES, 2, torch.float64)
        inputs = torch.rand(2, batch, 1, 8, 8, generator=random, dtype=torch.float64)
        targets = torch.randint(0, 5, (2, batch), generator=random)
        if settings["kind"] == "autoencoder":
            inputs = targets = inputs.flatten(2)
    for lane in range(2):
        model.initialise(lane, generator(lane, "init"))
    return model, Batch(inputs, targets, torch.zeros(2, dtype=torch.int64))


@pytest.mark.parametrize("name", CASES)
def test_gradient_is_the_models_own(name):
    settings = CASES[name]
    model, batch = case(settings)
    loss, _ = model.gradient(batch)
    for lane in range(2):
        weights = {k: w[lane].clone() for k, w in model.parameters.weight.items()}
        minibatch = batch.inputs[lane], batch.targets[lane]
        found = named(gradient(objective_of(settings), weights, minibatch), weights)
        for slot, expected in model.parameters.gradient.items():
            torch.testing.assert_close(found[slot], expected[lane], rtol=1e-8, atol=1e-11)
        if settings["kind"] != "lstm":  # its reported loss is by token, the trained one need not be
            value = objective_of(settings)(weights, *minibatch)
            torch.testing.assert_close(value, loss[lane])
