"""Checks that compare two arms seed by seed: `equivalent`, `better`, `curve`."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.arms import DEFAULTS, arms
from largebatch.analysis.claims.bench import Bench, splits
from largebatch.analysis.claims.check_faults import COSTS, LOGARITHMS
from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import (
    NO_RATES,
    POINTS,
    RATIO,
    RELATIVE,
    Finding,
    Units,
    finding,
    no_rates,
    number,
)
from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.rates import Arm, chosen, common_seeds
from largebatch.analysis.metrics import is_accuracy
from largebatch.study import decimal

NO_ARRIVAL = "neither arm reaches the target at any learning rate"


def compare(check: dict, bench: Bench) -> Iterator[Finding]:
    """`better`: the first arm beats the second by more than a margin. `equivalent`: neither does.

    Differences are second arm minus first: positive where the first is better.
    """
    check = DEFAULTS | check
    for a, b in _arm_grids(check, bench):
        yield from _compared(check, bench, *arms(check, bench, a, b))


def curve(check: dict, bench: Bench) -> Iterator[Finding]:
    """Equivalence of whole curves: of their means in each of `windows` equal parts.

    There are no more parts than epochs: the same epoch twice would be one more part that must hold.
    """
    check = DEFAULTS | check | {"test": "equivalent", "measure": "mean"}
    for a, b in _arm_grids(check, bench):
        parts = min(check.get("windows", 10), *(grid.curves.shape[-1] for grid in (a, b)))
        for window in pairwise(np.linspace(0, 1, parts + 1)):
            part = check | {"window": window}
            yield from _compared(part, bench, *arms(part, bench, a, b))


def _arm_grids(check: dict, bench: Bench) -> Iterator[tuple[Grid, Grid]]:
    for reference in check["sweeps"]:
        for split in splits(check):
            for grid in bench.grids(reference, split):
                other = bench.grid(check["against"], split) if "against" in check else grid
                yield grid, other


def _compared(check: dict, bench: Bench, a: Arm, b: Arm) -> Iterator[Finding]:
    seeds = common_seeds(a.grid, b.grid)
    where = _where(check, a, b)
    if check["measure"] in LOGARITHMS:
        units, quantity = RATIO, f"{b.optimizer} over {a.optimizer} is"
    elif is_accuracy(a.grid.metric):  # its score is the error rate, so a difference changes sign
        units, quantity = POINTS, f"{a.optimizer} minus {b.optimizer} is"
    else:
        units, quantity = RELATIVE, f"{b.optimizer} over {a.optimizer}, minus 1, is"
    margin, wanted = _margin(check, a.grid, units)
    pairs = chosen(check["rates"], a, b, bench.alpha)
    if not pairs:
        why = NO_ARRIVAL if check["measure"] in COSTS else NO_RATES
        yield no_rates(where, wanted, len(seeds), why)
        return
    test = paired.better if check["test"] == "better" else paired.equivalent
    differences = np.stack([b.at(p.second, seeds) - a.at(p.first, seeds) for p in pairs])
    chances = np.array([pair.chances for pair in pairs]).T
    shared = np.sqrt(2) * bench.clock if check["measure"] == "seconds" else 0.0
    resolution = np.array([np.hypot(a.resolution[i], b.resolution[j]) for i, j, _ in pairs])
    tested = test(differences, margin, bench.alpha, resolution, tuple(chances), shared)
    for pair, parts in zip(pairs, zip(*tested, strict=True), strict=True):
        own, other = _shown(check, a, pair.first), _shown(check, b, pair.second)
        at = f"{where} at {own}" + (f" against {other}" if own != other else "")
        yield finding(at, quantity, wanted, Evidence(*parts), len(seeds), units)


def _shown(check: dict, arm: Arm, rate: int) -> str:
    """The rate in words. Where an arm succeeds at none, which of them is the best is arbitrary."""
    if check["rates"]["rule"] == "best" and not arm.succeeds.any():
        return f"no rate of {arm.optimizer}"
    return decimal(float(arm.grid.lrs[rate]))


def _margin(check: dict, grid: Grid, units: Units) -> tuple[float, str]:
    """The margin of scores, and the claim in words."""
    if "factor" in check or check["measure"] in LOGARITHMS:
        margin = float(np.log(check.get("factor", 1)))
    else:
        margin = check.get("margin", 1) * grid.tolerance
    if check["test"] == "better":
        return margin, f"more than {units.say(margin)}"
    return margin, f"between {units.say(-margin)} and {units.say(margin)}"


def _where(check: dict, a: Arm, b: Arm) -> str:
    against = f" against {b.grid.name}" if b.grid is not a.grid else ""
    first, last = (number(100 * part) for part in check["window"])
    measured = {
        "final": "final",
        "mean": f"mean over {first} to {last} % of the epochs of",
        "early": "early",
        "instability": "instability of",
        "updates": "updates to a target",
        "seconds": "seconds to a target",
    }[check["measure"]]
    return f"{a.grid.name}{against}, {measured} {a.grid.metric}"
