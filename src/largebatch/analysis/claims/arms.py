"""The two arms of a check: for each, one number per run and how precisely it is known."""

from collections.abc import Callable

import numpy as np

from largebatch.analysis.claims import measures
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.check_faults import COSTS
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.finding import number
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.rates import Arm
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
    arm = _costly(check, bench, a, b) if check["measure"] in COSTS else _measured(check)
    return arm(a, check["first"]), arm(b, check["second"])


def _measured(check: dict) -> Callable[[Grid, str], Arm]:
    window, names = check["window"], (check["first"], check["second"])
    last = 1 / (1 - max(Optimizer.parse(name).momentum for name in names))
    values = {
        "final": lambda grid, k: grid.curves[k, ..., -1],
        "mean": lambda grid, k: measures.mean_over(grid.curves[k], *window),
        "instability": lambda grid, k: measures.instability(grid, k, *window),
        "early": lambda grid, k: measures.until_update(grid.curves[k], grid.updates, last),
    }[check["measure"]]

    def resolution(grid: Grid) -> float:
        if check["measure"] == "instability":  # standard error of the log of a standard deviation
            return 1 / np.sqrt(2 * _changes(check, grid))
        return grid.resolution / np.sqrt(2)

    def arm(grid: Grid, name: str) -> Arm:
        precise = np.full(len(grid.lrs), resolution(grid))
        return Arm(grid, name, values(grid, grid.index(name)), precise, grid.learns(name))

    return arm


def _costly(check: dict, bench: Bench, a: Grid, b: Grid) -> Callable[[Grid, str], Arm]:
    """Arms of `updates` or `seconds` to the score that SGD reaches on `target`.

    A run that never reaches it costs as much as the longest run. Costs are known to within an
    epoch.
    """
    reference = bench.grid(check["target"], "train" if a.metric.startswith("train") else "test")
    slack = check.get("slack", 1) * reference.tolerance
    target = measures.target_score(reference, "sgd", slack)
    most = max(np.nanmax(getattr(grid, check["measure"]), initial=TINY) for grid in (a, b))

    def arm(grid: Grid, name: str) -> Arm:
        k, costs = grid.index(name), getattr(grid, check["measure"])
        epochs, reached = measures.to_target(grid.curves[k], target)
        spent = measures.after(epochs, np.broadcast_to(costs, grid.curves.shape)[k])
        values = np.log(np.where(reached, spent, most))
        return Arm(grid, name, values, np.log1p(1 / epochs).mean(-1), np.any(reached, -1))

    return arm


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
