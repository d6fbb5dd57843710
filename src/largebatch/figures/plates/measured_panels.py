"""The panels of measurements: the limits over a sweep, curvature along training, noise."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes

from largebatch.figures.axes import LR_LABEL, batch_axis, epoch_axis, log_axes, rate_axis
from largebatch.figures.face import metric_name, rate_label
from largebatch.figures.finals import draw_finals
from largebatch.figures.limits import near_best
from largebatch.figures.paper import say_none
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.points import Points
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import Looks, Options

THIN, THICK = 0.6, 1.4
NORMALIZATIONS = {  # how the lines of each are drawn and called
    "batch": ("-", "batch norm"),
    "ghost": ("--", "ghost batch norm"),
    "none": (":", "no normalisation"),
}
LIMITS: dict[str, tuple[str, Options]] = {  # what they are and how they look in grey
    "onset": ("1/h_max", {"color": "0.35", "ls": ":", "linewidth": 1.1}),
    "limit": ("2(1+m) / ((1−m) h_max)", {"color": "0.35", "ls": "--", "linewidth": 0.9}),
}
CURVATURES = {
    "h_max": "largest curvature h_max\n(1 / learning rate)",
    "batch_sharpness": "batch sharpness\n(1 / learning rate)",
}
NOISE = {
    "noise_trace": "B tr Cov(gradient)",
    "noise_scale": "noise scale (examples)",
    "excess_kurtosis": "excess kurtosis",
}


def draw_limits(
    sheet: Sheet, ax: Axes, rows: pa.Table, styles: Looks, sweep: dict, metric: str
) -> None:
    """Draw final means, without the scatter of seeds, and the limits that the curvature sets."""
    found = {name: rows_of(rows, quantity=f"final_{metric}", optimizer=name) for name in styles}
    lines = {name: _means(each) for name, each in found.items() if each.num_rows}
    if not any(np.isfinite(line.mean).any() for line in lines.values()):
        say_none(ax, f"no {metric_name(metric)}:\nevery seed diverged")
        return
    rate_axis(ax, sorted(sweep["effective_lrs"]))
    draw_finals(sheet, ax, f"final:{sweep['batch']}", metric, lines, styles)
    for quantity, (_, look) in LIMITS.items():
        for row in rows_of(rows, quantity=quantity).to_pylist():
            own = {"color": styles[row["optimizer"]].colour} if quantity == "limit" else {}
            ax.axvline(row["value"], gid=f"{quantity}-{row['optimizer']}", **(look | own))
    ax.set_xlabel(LR_LABEL)


def _means(rows: pa.Table) -> Points:
    """Means against learning rate; the table of measurements tells no more of the seeds."""
    x, mean = rows["effective_lr"].to_numpy(), rows["value"].to_numpy()
    none = np.zeros(len(x))
    return Points(x, mean, std=none + np.nan, n=none, diverged=none)


def draw_curvatures(axes: Sequence[Axes], rows: pa.Table, styles: Looks, least: float) -> None:
    """Draw each seed's curvatures along training, on axes with the same limits."""
    both = rows.filter(pc.field("quantity").isin(list(CURVATURES)))["value"].to_numpy()
    for ax, (quantity, label) in zip(axes, CURVATURES.items(), strict=True):
        found = rows_of(rows, quantity=quantity)
        if not found.num_rows:
            say_none(ax, f"{quantity}:\nnone measured")
            continue
        for optimizer, lr, seed in distinct(found, "optimizer", "effective_lr", "seed"):
            line = rows_of(found, optimizer=optimizer, effective_lr=lr, seed=seed)
            ax.plot(
                line["epoch"], line["value"], marker=styles[optimizer].marker, ms=3,
                color=styles[optimizer].colour, ls=styles[optimizer].line,
                linewidth=THIN if lr == least else THICK,
                gid=f"{quantity}-{optimizer}-{rate_label(lr)}-{seed}",
            )  # fmt: skip
        epoch_axis(ax)
        ax.set_ylim(near_best(both[both > 0], np.inf))
        log_axes(ax, "y")
        ax.set_xlabel("epoch")
        ax.set_ylabel(label)


def draw_noise(ax: Axes, rows: pa.Table, styles: Looks, quantity: str) -> None:
    """Draw a quantity at the last epoch against minibatch size, for SGD at both of its rates."""
    found = rows_of(rows, quantity=quantity, optimizer="sgd")
    if not found.num_rows:
        say_none(ax, f"{NOISE[quantity]}:\nnone measured")
        return
    found = rows_of(found, epoch=max(found["epoch"].to_pylist()))
    least = min(found["effective_lr"].to_pylist())
    for lr, kind in distinct(found, "effective_lr", "normalization"):
        line = rows_of(found, effective_lr=lr, normalization=kind)
        style: Options = {"marker": "o", "ms": 2.5, "linewidth": THIN if lr == least else THICK}
        style |= {"color": styles["sgd"].colour, "ls": NORMALIZATIONS.get(kind, "-")[0]}
        ax.plot(line["probe_batch"], line["value"], gid=f"{quantity}-{kind}", **style)
    batch_axis(ax, sorted(distinct(found, "probe_batch")))
    ax.set_xlabel("size B of a minibatch")
    if quantity != "excess_kurtosis":
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        ax.set_ylim(low / 2, 2 * high)  # so that what is nearly flat looks flat
        log_axes(ax, "y")
    ax.set_ylabel(NOISE[quantity])
