"""The estimate of an LSTM's memory against all tensors that a step of the paper's LSTM holds."""

from collections.abc import Iterable, Iterator

import pytest
import torch
from torch import Tensor

from largebatch.models.lstm import LSTM
from largebatch.models.lstm_network import UnrolledNetwork
from largebatch.study import load_study
from largebatch.study.device_memory import CONTEXT_MB, device_mb

PAPER = load_study("paper")
TASK = PAPER.tasks["lstm_ptb"]
LAYERS, TIME, HIDDEN = TASK.model["layers"], TASK.model["unroll"], TASK.model["hidden"]
RUN = next(run for run in PAPER.runs if run.task == "lstm_ptb" and run.batch > 1)


def model_of(lanes: int) -> LSTM:
    """It has shapes but no numbers (device meta), so it takes no memory."""
    how = {"batch": RUN.batch, "device": "meta", "own_kernels": True}
    return LSTM(TASK.model, {"vocabulary": 10_000}, lanes, **how)


def after_a_step(model: LSTM) -> UnrolledNetwork:
    network = UnrolledNetwork(model.parameters.held, LAYERS, TIME, RUN.batch)
    lanes = model.parameters.lanes
    tokens = torch.empty(lanes, TIME * RUN.batch, dtype=torch.int64, device="meta")
    masks = torch.empty(lanes, LAYERS + 1, TIME, RUN.batch, HIDDEN, device="meta")
    network.forward(tokens, tokens, masks)
    network.backward(1.0)
    return network


def tensors_of(*owners: object) -> Iterator[Tensor]:
    return (t for owner in owners for t in vars(owner).values() if isinstance(t, Tensor))


def numbers(tensors: Iterable[Tensor]) -> int:
    """How many numbers the memories of `tensors` hold, each memory counted once."""
    memories = {t.untyped_storage()._cdata: t for t in tensors}
    return sum(t.untyped_storage().nbytes() // t.itemsize for t in memories.values())


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_step_holds_about_what_is_estimated_and_no_more(lanes: int) -> None:
    model = model_of(lanes)
    network = after_a_step(model)
    held = [*tensors_of(model.parameters.memory, network, *network.layers), *model.state.values()]
    estimated = (device_mb(PAPER, RUN, lanes) - CONTEXT_MB) * 2**20 / 4  # floats
    assert numbers(held) < estimated < 1.2 * numbers(held)
