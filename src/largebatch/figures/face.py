"""Words on the face of a figure: what it shows, from which data, and what it is not."""

from collections.abc import Iterable, Sequence
from math import log2

from largebatch.analysis.metrics import is_accuracy
from largebatch.analysis.units import unit
from largebatch.study import decimal
from largebatch.study.kinds.table import kind_of

CROSS = "× above a panel: it diverges"
TALLY = "k/n above a panel: k of n seeds diverged and are left out (hollow: some but not all did)"
ENDS = "bars and bands end at 0 and 100 %"
NO_RUN = "no run yet"
SHARED = "lines of one colour differ in marker and dashes"
BEYOND = "arrowhead: the mean is beyond the axis"


def labels(settings: dict) -> dict[str, str]:
    """What tells a figure from the others in lists of figures."""
    return {
        "figure": settings["figure"]["title"],
        "model": _models(settings),
        "batch": _batches(settings["sweeps"]),
    }


def facts(settings: dict) -> str:
    """Data, model, batch, epochs and seeds, from `Study.figure_settings`."""
    data = _listed(task["dataset"] for task in settings["tasks"].values())
    seeds = _counted((len(sweep["seeds"]) for sweep in settings["sweeps"]), "seed")
    epochs = [task["epochs"] for task in settings["tasks"].values()]
    return " · ".join([data, _models(settings), extent(settings["sweeps"], epochs), seeds])


def extent(sweeps: Iterable[dict], epochs: Iterable[int]) -> str:
    """Batches and epochs."""
    return f"batch {_batches(sweeps)} · {_counted(epochs, 'epoch')}"


def spread(seeds: int) -> str:
    """What points and bars show."""
    if seeds == 1:
        return "a single seed, so how far seeds scatter is unknown"
    return "mean ± standard deviation over seeds"


def most_seeds(rows: Iterable[dict]) -> int:
    """Seeds of the point with the most in a figure's table; unfinished points have fewer."""
    return max((row["n"] + row["diverged"] for row in rows), default=0)


def unfinished_notice(runs: dict[str, int]) -> str | None:
    """`UNFINISHED: 14 of 20 runs`, or None if every run is there."""
    if runs["present"] == runs["planned"]:
        return None
    return f"UNFINISHED: {runs['present']} of {runs['planned']} runs"


def metric_name(metric: str) -> str:
    """training loss, test accuracy, expected loss, ..."""
    split, _, quantity = metric.partition("_")
    return f"{'training' if split == 'train' else split} {quantity}"


def metric_label(metric: str, model: dict) -> str:
    """The label of the y-axis, with its unit."""
    words = unit(metric, model)
    space = " " if is_accuracy(metric) else "\n"  # names of losses take a line of their own
    return f"{metric_name(metric)}{space}({words})" if words else metric_name(metric)


def rate_label(lr: float) -> str:
    """1/64 for negative powers of two, as in the paper; else the decimal, shortened if long."""
    if lr < 1 and log2(lr).is_integer():
        return f"1/{round(1 / lr)}"
    return decimal(lr) if len(decimal(lr)) <= 8 else short(lr)


def end_of_grid(rate: float, grid: Sequence[float]) -> str:
    """`, the last rate of the grid`, after the best rate; empty if the grid has rates around it."""
    first, last = min(grid), max(grid)
    if first < rate < last:
        return ""
    which = "only" if first == last else "first" if rate == first else "last"
    return f", the {which} rate of the grid"


def short(value: float) -> str:
    """1.56e−4: three digits, and no padding of the exponent."""
    digits, _, exponent = f"{value:.2e}".partition("e")
    return f"{float(digits):g}e{int(exponent)}".replace("-", "−")


def _batches(sweeps: Iterable[dict]) -> str:
    return _listed(sweep["batch"] for sweep in sweeps)


def _models(settings: dict) -> str:
    models = (task["model"] for task in settings["tasks"].values())
    return _listed(kind_of(model).title(model) for model in models)


def _counted(numbers: Iterable[int], noun: str) -> str:
    listed = _listed(numbers)
    return f"{listed} {noun}" if listed == "1" else f"{listed} {noun}s"


def _listed(words: Iterable[object]) -> str:
    return ", ".join(dict.fromkeys(map(str, words)))
