"""Whole trajectories of some runs side by side, to compare a run's bits between packs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from largebatch.models.lane_model import Batch, LaneModel
from largebatch.training.update import accumulate_, add_l2_, clip_gradient_, descend_

STEPS = 3  # an epoch
NAN, INF = -1, -2  # runs whose weights become nan, or inf, in the last step of the first epoch

# Run 0 in every slot, in packs of 2, 5 and 10, beside good and bad neighbours.
PACKS = [
    [0, 1],
    [1, 0],
    [2, 1, 0],
    [3, 0, 4, 5, 6],
    [6, 5, 4, 3, 0],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    [9, 8, 7, 6, 0, 4, 3, 2, 1, 5],
    [NAN, 0],
    [0, INF],
    [INF, NAN, 0, NAN, INF],
]


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread, as in training: two would split work at places that depend on the pack."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def trajectories(
    build: Callable[[int], LaneModel],
    data: Callable[[int, int], Batch],
    test: list[tuple[Tensor, Tensor]],
    runs: list[int],
    *,
    clip: float | None = None,
) -> list[Tensor]:
    """Train `runs` side by side; for each, all losses, test losses, weights and state in a row.

    `data(run, step)` is the minibatch of one run, with a leading dimension of 1. Learning rate and
    momentum differ between runs. Two epochs, each followed by an evaluation.
    """
    with one_thread():
        return _train(build(len(runs)), data, test, runs, clip)


def _train(model, data, test, runs, clip) -> list[Tensor]:
    parameters, seen = model.parameters, []
    dtype = parameters.blocks[0].weight.dtype
    for lane, run in enumerate(runs):
        model.initialise(lane, torch.Generator().manual_seed(abs(run)))
    e = torch.tensor([[0.02 + 0.001 * run] for run in runs], dtype=dtype)
    m = torch.tensor([[0.9 * (run % 2 == 0)] for run in runs], dtype=dtype)
    for step in range(2 * STEPS):
        if step % STEPS == 0:
            model.start_epoch()
        loss, _ = model.gradient(_side_by_side([data(run, step) for run in runs]))
        if clip is not None:
            clip_gradient_(parameters, clip, "global")
        add_l2_(parameters, 1e-4, everywhere=True)
        for block in parameters.blocks:
            accumulate_(block, m)
            descend_(block, e)
        seen.append(loss)
        if step == STEPS - 1:
            _break(model, runs)
        if (step + 1) % STEPS == 0:
            seen.append(model.evaluate(test)[0])
    lanes = [*seen, *parameters.weight.values(), *model.state.values()]
    return [torch.cat([x[lane].double().flatten() for x in lanes]) for lane in range(len(runs))]


def _side_by_side(batches: list[Batch]) -> Batch:
    return Batch(
        torch.cat([batch.inputs for batch in batches]),
        torch.cat([batch.targets for batch in batches]),
        torch.cat([batch.key for batch in batches]),
    )


def _break(model: LaneModel, runs: list[int]) -> None:
    for lane, run in enumerate(runs):
        if run < 0:
            for weight in model.parameters.weight.values():
                weight[lane] = float("nan" if run == NAN else "inf")
