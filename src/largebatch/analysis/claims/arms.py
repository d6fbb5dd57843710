"""The two arms of a check: for each, one number per run and how precisely it is known."""

from functools import partial

import numpy as np

from largebatch.analysis.claims import measures
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.check_faults import COSTS
from largebatch.analysis.claims.finding import number
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.rates import Arm
from largebatch.analysis.claims.runs import NotRun
from largebatch.analysis.claims.scores import TINY
from largebatch.study import Optimizer

DEFAULTS = {  # of optional keys of a check (see workflow/schemas/claims.schema.yaml)
    "first": MOMENTUM,
    "second": "sgd",
    "measure": "final",
    "window": (0, 1),
    "rates": {"rule": "best"},
}
FEWEST_CHANGES = 3  # from epoch to epoch: fewer do not show whether a run is stable


def arms(check: dict, bench: Bench, a: Grid, b: Grid) -> tuple[Arm, Arm]:
    """Build the arms of a check. Raises NotRun if the runs cannot show what is to be measured."""
    names = check["first"], check["second"]
    if check["measure"] in COSTS:
        measure, resolution = _cost(check, bench, a, b)
    else:
        measure, resolution = _measure(check, names), _resolution(check, bench)

    def arm(grid: Grid, name: str) -> Arm:
        k = grid.index(name)
        return Arm(grid, name, measure(grid, k), resolution(grid, k))

    return arm(a, names[0]), arm(b, names[1])


def _measure(check: dict, names: tuple[str, str]):
    """Return measure(grid, index of optimizer) -> values, (rates, seeds)."""
    window = check["window"]
    last = 1 / (1 - max(Optimizer.parse(name).momentum for name in names))
    return {
        "final": lambda grid, k: grid.curves[k, ..., -1],
        "mean": lambda grid, k: measures.mean_over(grid.curves[k], *window),
        "instability": lambda grid, k: measures.instability(grid, k, *window),
        "early": lambda grid, k: measures.until_update(grid.curves[k], grid.updates, last),
    }[check["measure"]]


def _resolution(check: dict, bench: Bench):
    """Return resolution(grid, index of optimizer) -> (rates,).

    It is the least standard deviation of a seed's value.
    """

    def one(grid: Grid) -> float:
        if check["measure"] == "instability":  # standard error of the log of a standard deviation
            return 1 / np.sqrt(2 * _changes(check, grid))
        return bench.resolution_of(grid) / np.sqrt(2)

    return lambda grid, _: np.full(len(grid.lrs), one(grid))


def _cost(check: dict, bench: Bench, a: Grid, b: Grid):
    """Measure and resolution of `updates` or `seconds` to the score that SGD reaches on `target`.

    A run that never reaches it costs as much as the longest run. Costs are known to within an
    epoch.
    """
    name = check["measure"]
    reference = bench.grid(check["target"], "train" if a.metric.startswith("train") else "test")
    slack = check.get("slack", 1) * bench.tolerance(reference)
    target = measures.target_score(reference, "sgd", slack)
    most = max(np.nanmax(getattr(grid, name), initial=TINY) for grid in (a, b))
    epochs = partial(measures.epochs_to_target, target=target)
    return (
        lambda g, k: measures.cost_to_target(g.curves, getattr(g, name), target, most)[k],
        lambda g, k: np.log1p(1 / epochs(g.curves[k])).mean(-1),
    )


def _changes(check: dict, grid: Grid) -> int:
    """Count epoch-to-epoch changes in the check's window. Raises NotRun if there are too few."""
    epochs = grid.curves.shape[-1]
    changes = measures.changes_in(epochs, *check["window"])
    if changes < FEWEST_CHANGES:
        first, last = (number(100 * part) for part in check["window"])
        raise NotRun(
            f"judging whether a run is stable takes at least {FEWEST_CHANGES} changes from epoch "
            f"to epoch; {grid.name} has {changes} within {first} to {last} % of its {epochs} epochs"
        )
    return changes
