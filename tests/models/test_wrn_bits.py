"""A run's bits do not depend on its pack: whole trajectories, compared with `torch.equal`."""

import functools

import pytest
import torch

from largebatch.models import lane_ops
from largebatch.models.lane_model import Batch
from largebatch.models.streams import keys
from largebatch.models.wrn import WideResNet
from largebatch.training.update import accumulate_, descend_

STEPS = 12
SETTINGS = {"depth": 10, "width": 1, "normalization": "batch", "init": "he", "gamma": "ones"}
CASES = {
    "digits": ((1, 8, 8), 10, 16, {}),
    "digit pairs": ((1, 8, 16), 100, 32, {}),
    "colour, odd batch": ((3, 8, 8), 10, 21, {}),
    "ghosts and dropout": ((1, 8, 8), 10, 20, {"ghost_batch": 8, "dropout": 0.2}),
    "no normalisation": ((1, 8, 8), 7, 16, {"normalization": "none"}),
}
PACKS = [
    (0, 1),
    (7, 0),
    (1, 2, 0),
    (3, 0, 4, 5, 6),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
]


def data(seed, shape, classes, batch):
    """A run's minibatches, the last one small, from its own generator."""
    generator = torch.Generator().manual_seed(1000 + seed)
    for step in range(STEPS):
        size = batch if step < STEPS - 1 else 5
        inputs = torch.randn(size, *shape, generator=generator)
        yield inputs, torch.randint(0, classes, (size,), generator=generator)


def in_step(sequences):
    return zip(*sequences, strict=True)


def train(case, seeds, broken=()):
    """{seed: every number of its trajectory}; `broken` seeds start with that weight."""
    shape, classes, batch, settings = CASES[case]
    model = WideResNet(SETTINGS | settings, {"shape": shape, "classes": classes}, len(seeds))
    for lane, seed in enumerate(seeds):
        model.initialise(lane, torch.Generator().manual_seed(seed))
        if seed in dict(broken):
            model.parameters.weight["conv"][lane] = dict(broken)[seed]
    rate = torch.tensor([[0.02 * (1 + seed)] for seed in seeds])
    momentum = torch.tensor([[0.9 if seed % 2 else 0.0] for seed in seeds])
    metrics = []
    for step, parts in enumerate(in_step(data(s, shape, classes, batch) for s in seeds)):
        inputs, targets = (torch.stack(part) for part in in_step(parts))
        metrics.extend(model.gradient(Batch(inputs, targets, keys(seeds, "dropout", step))))
        for block in model.parameters.blocks:
            accumulate_(block, momentum)
            descend_(block, rate)
    test = list(data(99, shape, classes, 50))[:3]
    metrics.extend(model.evaluate(test))
    everything = [*metrics, *model.parameters.state().values(), *model.state.values()]
    return {seed: [t[lane].clone() for t in everything] for lane, seed in enumerate(seeds)}


@functools.cache
def beside_a_twin(case):
    """Run 0 as the training loop trains it alone."""
    return train(case, (0, 0))[0]


def assert_same(ours, theirs):
    assert all(map(torch.equal, ours, theirs))
    assert all(t.isfinite().all() for t in ours)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seeds", PACKS, ids=len)
def test_pack_slot_and_neighbours_do_not_matter(case, seeds):
    assert_same(train(case, seeds)[0], beside_a_twin(case))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_diverged_neighbours_do_not_matter(case, value):
    seeds = (5, 0, 6, 7, 8)
    trained = train(case, seeds, broken=((5, value), (6, value), (8, value)))
    assert_same(trained[0], beside_a_twin(case))


@pytest.mark.parametrize("at_once", [2, 3, 7])
def test_lanes_computed_together_do_not_matter(at_once, monkeypatch):
    monkeypatch.setattr(lane_ops, "MAP_AT_ONCE", at_once * 16 * 16 * 8 * 8)
    assert_same(train("digits", (3, 2, 1, 0, 4, 5, 6))[0], beside_a_twin("digits"))


def test_parts_hold_each_lane_once_suit_the_cache_and_are_no_lone_lanes():
    for lanes in range(1, 60):
        for map_size in (2**10, 2**15, 2**17, 2**18, 2**20):
            parts = lane_ops.together(lanes, map_size)
            assert [lane for part in parts for lane in range(lanes)[part]] == list(range(lanes))
            widths = [part.stop - part.start for part in parts]
            assert min(widths) >= min(lanes, 2)
            assert max(widths) * map_size <= lane_ops.MAP_AT_ONCE or max(widths) <= 3
