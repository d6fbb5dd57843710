"""How often each verdict comes out, over 400 simulated studies of five seeds.

    PYTHONPATH=tests python -m claims.rates [SEEDS]

prints the table of docs/claims.md in half a minute; with SEEDS, from that many of the five seeds.
"""

import sys
from collections import Counter
from collections.abc import Mapping

import numpy as np

from claims.bench import first_seeds, verdict
from claims.simulated import SIMULATORS
from claims.simulated.simulator import Simulator, World

STUDIES = 400
DECIDED = "supported", "contradicted"
HEAD = "| test | of | true | false | border, worst | worlds on the border |"


def counts(simulator: Simulator, world: World, seeds: int) -> Counter[str]:
    """How many of the studies of a world end with each verdict."""
    random = np.random.default_rng(2019)
    studies = (first_seeds(world(random), seeds) for _ in range(STUDIES))
    return Counter(verdict(simulator.check, study)[0] for study in studies)


def all_counts(simulator: Simulator, seeds: int = 5) -> dict[str, Counter[str]]:
    return {name: counts(simulator, world, seeds) for name, world in simulator.worlds.items()}


def row(key: tuple[str, str], found: dict[str, Counter[str]]) -> str:
    """Supported / contradicted where the claim is true, where it is false, and on the border."""
    edges = [found[name] for name in found if name not in ("true", "false")]
    worst = {verdict: max(edge[verdict] for edge in edges) for verdict in DECIDED}
    cells = [
        f"`{key[0]}`",
        key[1],
        *(_cell(found[name]) for name in ("true", "false")),
        _cell(worst),
        str(len(edges)),
    ]
    return f"| {' | '.join(cells)} |"


def _cell(found: Mapping[str, int]) -> str:
    return " / ".join(str(found[verdict]) for verdict in DECIDED)


def main(seeds: int = 5) -> None:
    print(HEAD)
    print(f"|{'---|' * 6}")
    for key, simulator in SIMULATORS.items():
        print(row(key, all_counts(simulator, seeds)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
