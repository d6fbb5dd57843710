"""Words on the face of a figure: what it shows, from which data, and what it is not."""

from collections.abc import Iterable

from largebatch.study.kinds.table import kind_of

TALLY = "k/n above a panel: k of n seeds diverged and are left out (hollow: some did)"
ENDS = "bars and bands end at 0 and 100 %"
BEYOND = "arrowhead: the mean is beyond the axis"


def labels(settings: dict) -> dict[str, str]:
    """What tells a figure from the others, for lists of figures."""
    return {
        "figure": settings["figure"]["title"],
        "model": _models(settings["tasks"].values()),
        "batch": _listed(str(sweep["batch"]) for sweep in settings["sweeps"]),
    }


def facts(settings: dict) -> str:
    """Data, model, batch, epochs and seeds, from `Study.figure_settings`."""
    sweeps, tasks = settings["sweeps"], settings["tasks"].values()
    parts = [
        _listed(f"{task['dataset']}" for task in tasks),
        _models(tasks),
        f"batch {_listed(str(sweep['batch']) for sweep in sweeps)}",
        _counted(_listed(str(task["epochs"]) for task in tasks), "epoch"),
        _counted(_listed(str(len(sweep["seeds"])) for sweep in sweeps), "seed"),
    ]
    return " · ".join(parts)


def spread(seeds: int) -> str:
    """What points and bars are."""
    if seeds == 1:
        return "a single seed: how far seeds scatter is not known"
    return "mean ± standard deviation over seeds"


def most_seeds(rows: Iterable[dict]) -> int:
    """Seeds of the point that has most of them in a figure's table; an unfinished one has fewer."""
    return max((row["n"] + row["diverged"] for row in rows), default=0)


def unfinished_notice(runs: dict[str, int]) -> str | None:
    """`UNFINISHED: 14 of 20 runs`, or None if every run is there."""
    if runs["present"] == runs["planned"]:
        return None
    return f"UNFINISHED: {runs['present']} of {runs['planned']} runs"


def _counted(number: str, noun: str) -> str:
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def _models(tasks: Iterable[dict]) -> str:
    return _listed(kind_of(task["model"]).title(task["model"]) for task in tasks)


def _listed(words) -> str:
    return ", ".join(dict.fromkeys(words))
