"""Steps that a counter on the device selects, as in CUDA graphs, are those of the plain loop."""

import pytest
from small import CPU, assert_same_bits, dataset, ended, started

from largebatch.training.execution import AUTO, Execution
from largebatch.training.pack import Pack

RUNS = [("sgd", 0.05, 0), ("momentum-0.9", 0.1, 0), ("nesterov-0.9", 0.1, 1)]
RUNS.append(("corrected-0.9", 0.1, 0))


def trained(kind: str, batch: int, execution: Execution, stop_after=None, **changes):
    pack = started(RUNS, kind, batch, execution, **changes)
    while not pack.finished:
        if not pack.train_epoch(lambda p, where=stop_after: (p.epoch, p.step) == where):
            states = [pack.export(lane) for lane in pack.lanes]
            stopped, pack = pack, Pack(pack.lanes, dataset(kind), CPU, execution)
            pack.restore(states, stopped.epoch, stopped.step)
            stop_after = None
    return ended(pack)


def assert_equal_bits(some, others):
    for one, other in zip(some, others, strict=True):
        assert_same_bits(one, other)


CASES = [("wrn", 16), ("autoencoder", 1), ("autoencoder", 16), ("lstm", 4)]


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_graphed_steps_are_the_plain_steps(kind, batch):
    plain = trained(kind, batch, AUTO)
    assert [len(rows) for rows, _ in plain] == [3] * len(RUNS)
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
    for run, packed in zip(RUNS, trained("wrn", 16, branches), strict=True):
        (alone,) = ended(started([run], "wrn", 16, branches))
        assert_same_bits(packed, alone)


def test_branches_and_groups_agree_to_rounding():
    both = (
        trained("wrn", 16, execution) for execution in (AUTO, Execution(convolutions="branches"))
    )
    for (grouped, _), (branches, _) in zip(*both, strict=True):
        assert grouped[1][3] == pytest.approx(branches[1][3], rel=1e-4)  # training loss of epoch 1
