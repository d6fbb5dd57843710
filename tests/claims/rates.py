"""How often each verdict comes out, over 1,000 simulated studies of five seeds.

    PYTHONPATH=tests python -m claims.rates

prints the table of docs/claims.md, in about a minute.
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from claims.bench import verdict
from claims.simulated import SIMULATORS
from claims.simulated.simulator import Simulator, World

STUDIES = 1000
DECIDED = "supported", "contradicted"
HEAD = "| test | of | true | false | border, worst | worlds on the border |"


def counts(simulator: Simulator, world: World) -> Counter[str]:
    """How many of the studies of a world end with each verdict."""
    random = np.random.default_rng(2019)
    return Counter(verdict(simulator.check, world(random))[0] for _ in range(STUDIES))


def all_counts(simulator: Simulator) -> dict[str, Counter[str]]:
    return {name: counts(simulator, world) for name, world in simulator.worlds.items()}


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


def main() -> None:
    print(HEAD)
    print(f"|{'---|' * 6}")
    for key, simulator in SIMULATORS.items():
        print(row(key, all_counts(simulator)), flush=True)


if __name__ == "__main__":
    main()
