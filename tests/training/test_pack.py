"""Packs: a run is a function of its own spec alone, whatever its company and interruptions."""

import math

import pytest
import torch
from small import dataset
from tiny_tasks import MODELS, spec

from largebatch.study.kinds.table import KINDS
from largebatch.training.device import set_up
from largebatch.training.pack import Lane, Pack

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    set_up(CPU, "fp32")


def train(specs: list[dict], data) -> list[Lane]:
    """Train to the end without interruption or compaction."""
    lanes = [Lane(one) for one in specs]
    pack = Pack(lanes, data, CPU)
    pack.initialise()
    while not pack.finished:
        assert pack.train_epoch(lambda _: False)
    return lanes


def numbers(lane: Lane) -> list[tuple]:
    """The rows without their times."""
    return [tuple(vars(row).values())[:-1] for row in lane.rows]


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("optimizer", ["momentum-0.9", "corrected-0.9"])
def test_a_run_has_the_same_numbers_in_any_company(kind, optimizer):
    mine = spec(kind, optimizer, 0.05, 1)
    others = [
        spec(kind, other, lr, seed)
        for other in ("sgd", "nesterov-0.9", "corrected-0.99")
        for lr, seed in ((0.1, 0), (0.01, 1))
    ]
    hopeless = spec(kind, "sgd", 1e30, 2)
    alone = numbers(train([mine], dataset(kind))[0])
    for company in ([mine, others[0]], [others[3], mine], [*others, mine], [hopeless, mine]):
        lanes = train(company, dataset(kind))
        assert numbers(lanes[company.index(mine)]) == alone


@pytest.mark.parametrize("kind", MODELS)
def test_rows_are_the_epochs_and_say_what_they_should(kind):
    lane = train([spec(kind, "momentum-0.9", 0.01, 0)], dataset(kind))[0]
    assert [row.epoch for row in lane.rows] == [0, 1, 2, 3]
    steps = lane.rows[1].step
    assert [row.step for row in lane.rows] == [0, steps, 2 * steps, 3 * steps]
    e = 0.01 * (1 - 0.9)  # in double precision, as the settings give it
    assert [row.learning_rate for row in lane.rows] == [e, e, e * 0.5, e * 0.25]
    assert lane.rows[0].train_loss is None
    assert all(math.isfinite(row.test_loss) for row in lane.rows)
    has_accuracy = [row.test_accuracy is not None for row in lane.rows]
    assert all(has_accuracy) if "test_accuracy" in KINDS[kind].metrics else not any(has_accuracy)


@pytest.mark.parametrize("kind", MODELS)
def test_training_learns(kind):
    constant = {"epochs": 12, "schedule": {"kind": "constant"}}
    lane = train([spec(kind, "momentum-0.9", 0.1, 0, **constant)], dataset(kind))[0]
    assert lane.rows[-1].train_loss < lane.rows[1].train_loss


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("stop", [1, 3, 7])
def test_stopped_in_mid_epoch_and_restored_elsewhere(kind, stop):
    """Export, build another pack in another order, restore: as if nothing had happened."""
    optimizers = ("momentum-0.9", "corrected-0.9", "nesterov-0.9")
    specs = [spec(kind, optimizer, 0.05, s) for s, optimizer in enumerate(optimizers)]
    whole = [numbers(lane) for lane in train(specs, dataset(kind))]
    first = Pack([Lane(one) for one in specs], dataset(kind), CPU)
    first.initialise()
    left = stop
    while first.train_epoch(lambda pack: (pack.epoch - 1) * pack.feed.steps + pack.step >= left):
        assert not first.finished
    backwards = [Lane(lane.spec, rows=list(lane.rows)) for lane in reversed(first.lanes)]
    again = Pack(backwards, first.data, CPU)
    again.restore([first.export(lane) for lane in reversed(first.lanes)], first.epoch, first.step)
    while not again.finished:
        again.train_epoch(lambda _: False)
    assert [numbers(lane) for lane in reversed(again.lanes)] == whole


def test_the_same_seed_draws_the_same_numbers_for_every_optimizer():
    lanes = train([spec("wrn", o, 1e-9, 3) for o in ("sgd", "momentum-0.9")], dataset("wrn"))
    first, second = (lane.rows[1].train_loss for lane in lanes)
    assert first == pytest.approx(second, rel=1e-5)


def test_a_diverged_lane_keeps_its_finite_rows():
    lane = train([spec("autoencoder", "sgd", 1e30, 0, l2=1.0)], dataset("autoencoder"))[0]
    assert lane.diverged is not None
    assert [row.epoch for row in lane.rows] == list(range(lane.diverged))
    assert all(math.isfinite(row.test_loss) for row in lane.rows)
