"""Steps with hidden units filled up to a multiple of 16 are the steps without them."""

import pytest
import torch

from largebatch.models.lane_model import Batch
from largebatch.models.lstm import LSTM
from largebatch.models.lstm_layout import held_units
from largebatch.training.update import accumulate_, clip_gradient_, descend_

LANES, BATCH = 3, 4
TIME = 17
VOCABULARY = 64  # as many as there are columns of gates
SETTINGS = {"layers": 2, "hidden": 12, "dropout": 0.3, "init_scale": 0.5}
SETTINGS |= {"time_reduction": "sum", "hidden_state": "carry"}
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def build(own_kernels: bool, device, batch: int = BATCH, **settings) -> LSTM:
    how = {"dtype": torch.float64, "device": device, "batch": batch, "own_kernels": own_kernels}
    model = LSTM(SETTINGS | settings, {"vocabulary": VOCABULARY}, LANES, **how)
    for lane in range(LANES):
        model.initialise(lane, torch.Generator().manual_seed(lane))
    return model


def text(step: int, device, time: int = TIME) -> Batch:
    draw = torch.Generator().manual_seed(step)
    tokens = torch.randint(VOCABULARY, (LANES, BATCH, time + 1), generator=draw).to(device)
    return Batch(tokens[:, :, :-1], tokens[:, :, 1:], torch.arange(LANES, device=device) + step)


def train(model: LSTM, data: Batch) -> dict[str, torch.Tensor]:
    """A step of SGD in lane 0, of momentum in the others; all that it made."""
    loss, _ = model.gradient(data)
    gradient = {f"gradient.{k}": v.clone() for k, v in model.parameters.gradient.items()}
    clip_gradient_(model.parameters, 1.0, "global")
    column = {"dtype": loss.dtype, "device": loss.device}
    m, e = (torch.tensor([[x], [y], [y]], **column) for x, y in [(0, 0.9), (0.5, 0.05)])
    for block in model.parameters.blocks:
        accumulate_(block, m)
        descend_(block, e)
    return {"loss": loss} | gradient | model.state | model.parameters.state()


@pytest.mark.parametrize(
    ("hidden", "dropout", "hidden_state"),
    [(12, 0.0, "reset"), (12, 0.3, "carry"), (13, 0.0, "carry"), (13, 0.3, "reset")],
)
def test_training_is_the_same(hidden, dropout, hidden_state, device):
    """Loss, every gradient, state, weights and velocities, with a longer unroll in between.

    Each two of the settings are tried together.
    """
    chosen = {"hidden": hidden, "dropout": dropout, "hidden_state": hidden_state}
    padded, plain = (build(own, device, **chosen) for own in (True, False))
    for step, time in enumerate([TIME, TIME, TIME + 3, TIME]):
        found, expected = (train(model, text(step, device, time)) for model in (padded, plain))
        torch.testing.assert_close(found, expected, **CLOSE)
    assert padded.parameters.held.weight["softmax.weight"].shape[1] == 16


def test_added_units_stay_exactly_zero(device):
    model = build(True, device)
    for step in range(3):
        train(model, text(step, device))
    network = model._network(TIME, BATCH)
    for layer in network.layers:
        by_unit = [layer.x, layer.hidden, layer.cell, layer.delta]
        by_unit += [layer.slopes.unflatten(-1, (4, -1)), layer.z.unflatten(-1, (4, -1))]
        assert all(_is_padded(buffer) for buffer in by_unit)
    assert all(map(_is_padded, [network.top, network.words_delta]))
    parameters = model.parameters
    for kind in ("weight", "gradient"):
        for name, real in getattr(parameters, kind).items():
            held = getattr(parameters.held, kind)[name]
            assert held.count_nonzero() == real.count_nonzero(), name


def _is_padded(buffer: torch.Tensor) -> bool:
    real, added = buffer[..., :12], buffer[..., 12:]
    return added.shape[-1] == 4 and bool(real.any()) and not added.any()


def test_a_lane_that_is_not_finite_spoils_no_other(device):
    model = build(True, device)
    model.parameters.weight["layer1.input"][0] = torch.inf
    model.gradient(text(0, device))
    assert not model.state["hidden"][0].isfinite().all()
    assert model.state["hidden"][1:].isfinite().all()


@pytest.mark.parametrize(("own", "hidden", "held"), [(True, 12, 16), (False, 12, 12)])
def test_only_beside_our_kernels(own, hidden, held, device):
    model = build(own, device, hidden=hidden)
    assert model._network(TIME, BATCH).layers[0].hidden.shape[-1] == held


def test_a_run_goes_on_with_and_without(device):
    """What a model without padding has saved fits a model with padding."""
    plain, padded = build(False, device), build(True, device)
    train(plain, text(0, device))
    for name, saved in plain.parameters.state().items():
        padded.parameters.state()[name].copy_(saved)
    for name, state in plain.state.items():
        padded.state[name].copy_(state)
    found, expected = (train(model, text(1, device)) for model in (padded, plain))
    torch.testing.assert_close(found, expected, **CLOSE)


@pytest.mark.parametrize(("hidden", "held"), [(1, 16), (16, 16), (17, 32), (650, 656)])
def test_the_next_multiple(hidden, held):
    assert held_units(hidden) == held
