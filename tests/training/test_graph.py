"""Steps that a counter on the device selects, as in CUDA graphs, are those of the plain loop."""

from dataclasses import astuple

import pytest
import torch
from small import dataset, spec

from largebatch.training.execution import AUTO, Execution
from largebatch.training.pack import Lane, Pack

CPU = torch.device("cpu")
RUNS = [("sgd", 0.05, 0), ("momentum-0.9", 0.1, 0), ("nesterov-0.9", 0.1, 1)]
RUNS.append(("corrected-0.9", 0.1, 0))


def trained(kind: str, batch: int, execution: Execution, stop_after=None, **changes):
    lanes = [Lane(spec(kind, batch, *run, **changes)) for run in RUNS]
    data = dataset(kind)
    pack = Pack(lanes, data, CPU, execution)
    pack.initialise()
    while not pack.finished:
        if not pack.train_epoch(lambda p, where=stop_after: (p.epoch, p.step) == where):
            states = [pack.export(lane) for lane in lanes]
            stopped, pack = pack, Pack(lanes, data, CPU, execution)
            pack.restore(states, stopped.epoch, stopped.step)
            stop_after = None
    rows = [[astuple(row)[:-1] for row in lane.rows] for lane in lanes]
    return rows, [pack.export(lane) for lane in lanes]


def assert_equal_bits(one, other):
    assert one[0] == other[0]
    for a, b in zip(one[1], other[1], strict=True):
        assert a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


CASES = [("wrn", 16), ("autoencoder", 1), ("autoencoder", 16), ("lstm", 4)]


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_graphed_steps_are_the_plain_steps(kind, batch):
    plain = trained(kind, batch, AUTO)
    assert len(plain[0][0]) == 3
    assert_equal_bits(trained(kind, batch, Execution(graphs="on")), plain)


@pytest.mark.parametrize("kind", ["wrn", "autoencoder"])
def test_a_smaller_last_batch_has_a_step_of_its_own(kind):
    plain = trained(kind, 16, AUTO, last_batch="keep")
    assert_equal_bits(trained(kind, 16, Execution(graphs="on"), last_batch="keep"), plain)


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_resumed_within_an_epoch(kind, batch):
    plain = trained(kind, batch, AUTO)
    assert_equal_bits(trained(kind, batch, Execution(graphs="on"), stop_after=(2, 2)), plain)


def test_a_lane_of_branches_has_the_bits_that_it_has_alone():
    branches = Execution(convolutions="branches")
    _, states = trained("wrn", 16, branches)
    for run, state in zip(RUNS, states, strict=True):
        lane = Lane(spec("wrn", 16, *run))
        pack = Pack([lane], dataset("wrn"), CPU, branches)
        pack.initialise()
        while not pack.finished:
            pack.train_epoch(lambda p: False)
        alone = pack.export(lane)
        assert all(torch.equal(state[key], alone[key]) for key in state)


def test_branches_and_groups_agree_to_rounding():
    grouped, _ = trained("wrn", 16, AUTO)
    branches, _ = trained("wrn", 16, Execution(convolutions="branches"))
    for a, b in zip(grouped, branches, strict=True):
        assert a[1][3] == pytest.approx(b[1][3], rel=1e-4)  # training loss of epoch 1
