"""What is made beside the figures of the tiny study, and what an audit said about it."""

from pathlib import Path

from checkout import Checkout

STALE, TAMPERED, MISSING = "STALE", "TAMPERED", "MISSING"
FIGURES = ["fig1", "fig3"]
EXACT = [
    "stability", "stationary_variance", "spectral_radius", "finite_population", "momentum_sums"
]  # fmt: skip
MADE = {  # all that is made beside the figures: its files without endings
    "claims": "results/tiny/claims",
    "T1": "results/tiny/theory/T1",
    "T3": "results/tiny/theory/T3",
    **{name: f"results/theory/{name}" for name in EXACT},
    "measured-fig1": "results/tiny/measured/fig1",
    "measured-fig3": "results/tiny/measured/fig3",
    **{f"map-{name}": f"results/tiny/maps/{name}" for name in ("gap", "heat", "reach")},
    "report": "results/tiny/report",
}
FROM_RUNS = [name for name in MADE if name.startswith(("claims", "measured", "map", "report"))]
FROM_MEASURED = [name for name in FROM_RUNS if not name.startswith("measured")]


def verdicts(said) -> dict[str, str]:
    return {report["name"]: report["verdict"] for report in said.facts}


def bad(said) -> set[str]:
    return {name for name, verdict in verdicts(said).items() if verdict != "VERIFIED"}


def files(root: Path, name: str) -> list[Path]:
    stem = root / MADE[name]
    return sorted(stem.parent.glob(f"{stem.name}.*"))


def planned(checkout: Checkout) -> set[str]:
    """What Snakemake would make again of all that is there, by name."""
    paths = checkout.planned("figures", "claims", "theory", "maps", "report", "measured")
    stems = {path.rpartition(".")[0] for path in paths}
    all_of_it = {name: f"results/tiny/figures/{name}" for name in FIGURES} | MADE
    return {name for name, stem in all_of_it.items() if stem in stems}
