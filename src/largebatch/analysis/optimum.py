"""Which learning rate a figure calls the optimum, by rule and never by eye."""

from collections.abc import Iterable

from largebatch.analysis.metrics import is_accuracy


def optimum(rows: Iterable[dict], metric: str) -> float | None:
    """The effective learning rate at which `metric` is best; None if every point has a divergence.

    `rows` are rows of the panel `sweep`, of one sweep. Best is the largest mean over seeds of an
    accuracy, and the smallest of anything else, among the points of all optimizers where no seed
    diverged; a tie goes to the smaller rate. All optimizers are then shown at this one rate, as in
    the paper (sec. 3: SGD is unstable at the optimum of momentum). The maps and the theory twins
    apply the rule to one optimizer's rows.
    """
    sign = -1 if is_accuracy(metric) else 1
    sound = [
        (sign * row["mean"], row["effective_lr"])
        for row in rows
        if row["metric"] == metric and not row["diverged"]
    ]
    return min(sound)[1] if sound else None
