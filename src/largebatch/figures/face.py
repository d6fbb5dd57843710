"""Words on the face of a figure: what it shows, from which data, and what it is not."""

from collections.abc import Iterable

TALLY = "k/n above a panel: k of n seeds diverged and are left out (hollow: some did)"
ENDS = "bars and bands end at 0 and 100 %"
BEYOND = "arrowhead: the mean is beyond the axis"


def labels(settings: dict) -> dict[str, str]:
    """What tells a figure from the others, for lists of figures."""
    return {
        "figure": settings["figure"]["title"],
        "model": _listed(model_name(task["model"]) for task in settings["tasks"].values()),
        "batch": _listed(str(sweep["batch"]) for sweep in settings["sweeps"]),
    }


def facts(settings: dict) -> str:
    """Data, model, batch, epochs and seeds, from `Study.figure_settings`."""
    sweeps, tasks = settings["sweeps"], settings["tasks"].values()
    parts = [
        _listed(f"{task['dataset']}" for task in tasks),
        _listed(model_name(task["model"]) for task in tasks),
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


def model_name(model: dict) -> str:
    """WRN-16-4, auto-encoder 1000-500-250-30, LSTM 2×650."""
    match model["kind"]:
        case "wrn":
            return f"WRN-{model['depth']}-{model['width']}"
        case "autoencoder":
            return f"auto-encoder {'-'.join(str(width) for width in model['widths'])}"
        case "lstm":
            return f"LSTM {model['layers']}×{model['hidden']}"
        case kind:
            raise ValueError(f"no such kind of model: {kind}")


def unfinished_notice(runs: dict[str, int]) -> str | None:
    """`UNFINISHED: 14 of 20 runs`, or None if every run is there."""
    if runs["present"] == runs["planned"]:
        return None
    return f"UNFINISHED: {runs['present']} of {runs['planned']} runs"


def _counted(number: str, noun: str) -> str:
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def _listed(words) -> str:
    return ", ".join(dict.fromkeys(words))
