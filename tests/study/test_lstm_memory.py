"""The estimate of an LSTM's memory, against all tensors that a step of the paper's holds."""

from collections.abc import Iterable, Iterator

import pytest
import torch
from torch import Tensor

from largebatch.models.lstm import LSTM
from largebatch.models.lstm_padded import MULTIPLE, PaddedNetwork
from largebatch.study import device_memory, load_study
from largebatch.study.device_memory import CONTEXT_MB, device_mb, padded_copies

PAPER = load_study("paper")
TASK = PAPER.tasks["lstm_ptb"]
DATA = PAPER.datasets[TASK.dataset]
LAYERS, TIME, HIDDEN = TASK.model["layers"], TASK.model["unroll"], TASK.model["hidden"]
RUN = next(run for run in PAPER.runs if run.task == "lstm_ptb" and run.batch > 1)


def model_of(lanes: int) -> LSTM:
    """With shapes and without numbers, so that its gigabytes take none."""
    return LSTM(TASK.model, {"vocabulary": 10_000}, lanes, batch=RUN.batch, device="meta")


def after_a_step(model: LSTM) -> PaddedNetwork:
    network = PaddedNetwork(model._padded, LAYERS, TIME, RUN.batch)
    lanes = model.parameters.lanes
    tokens = torch.empty(lanes, TIME * RUN.batch, dtype=torch.int64, device="meta")
    masks = torch.empty(lanes, LAYERS + 1, TIME, RUN.batch, HIDDEN, device="meta")
    network.forward(tokens, tokens, masks)
    network.backward(1.0)
    return network


def tensors_of(*owners: object) -> Iterator[Tensor]:
    return (t for owner in owners for t in vars(owner).values() if isinstance(t, Tensor))


def numbers(tensors: Iterable[Tensor]) -> int:
    """In the memories of `tensors`, each memory once."""
    memories = {t.untyped_storage()._cdata: t for t in tensors}
    return sum(t.untyped_storage().nbytes() // t.itemsize for t in memories.values())


def test_padded_copies_are_those_of_the_model() -> None:
    model = model_of(1)
    views, own = model._padded.views, [*tensors_of(model.parameters.memory)]
    there = numbers([*own, *views.weight.values(), *views.gradient.values()]) - numbers(own)
    assert padded_copies(TASK.model, DATA) == pytest.approx(there, rel=0.01)


def test_widths_that_are_aligned_have_no_copies() -> None:
    assert device_memory.MULTIPLE == MULTIPLE
    assert padded_copies(TASK.model | {"hidden": 41 * MULTIPLE}, DATA) == 0


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_step_holds_about_what_is_estimated_and_no_more(lanes: int) -> None:
    model = model_of(lanes)
    network = after_a_step(model)
    views = model._padded.views
    held = [*tensors_of(model.parameters.memory, network, *network.layers)]
    held += [*views.weight.values(), *views.gradient.values(), *model.state.values()]
    estimated = (device_mb(PAPER, RUN, lanes) - CONTEXT_MB) * 2**20 / 4  # floats
    assert numbers(held) < estimated < 1.2 * numbers(held)
