"""Scales, ticks and labels of the axes."""

from itertools import pairwise
from math import log2

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from largebatch.analysis.metrics import is_accuracy, is_expected
from largebatch.figures.face import rate_label, short
from largebatch.figures.limits import EXACT_DECADES, accuracy_limits, log_limits, near_best
from largebatch.figures.paper import panel_width
from largebatch.figures.points import Points, joined

LR_LABEL = "effective learning rate  ε / (1 − m)"
DIGIT = 4.2  # points: the width of a character of a tick label
SHORT = 0.7  # decades: on a shorter axis of loss, round numbers beat powers
GAP = 5.0  # points: the least distance between two tick labels
Y_LABEL = 0.40  # inches: from a frame to the label of its y-axis


def rate_axis(ax: Axes, grid: list[float], keep: float | None = None) -> None:
    """A log2 axis with a tick at each rate of `grid`; labels as dense as its width allows.

    `keep`: a rate that is always labelled, if it is on the grid.
    """
    ax.set_xscale("log", base=2)
    half_a_step = 0.5 * log2(grid[-1] / grid[0]) / (len(grid) - 1) if len(grid) > 1 else 0.5
    ax.set_xlim(grid[0] * 2**-half_a_step, grid[-1] * 2**half_a_step)
    per_octave = 72 * panel_width(ax) / (log2(grid[-1] / grid[0]) + 2 * half_a_step)
    labelled = _labelled(grid, per_octave, grid.index(keep) if keep in grid else 0)
    ax.set_xticks(grid, [rate_label(lr) if lr in labelled else "" for lr in grid])
    ax.xaxis.set_minor_locator(NullLocator())


def _labelled(grid: list[float], per_octave: float, keep: int) -> list[float]:
    """Every rate, or every second, third, ...: the most whose labels keep their distance."""
    for every in range(1, len(grid)):
        chosen = grid[keep % every :: every]
        distances = [per_octave * log2(b / a) for a, b in pairwise(chosen)]
        needed = [GAP + DIGIT * len(rate_label(a) + rate_label(b)) / 2 for a, b in pairwise(chosen)]
        if all(room >= need for room, need in zip(distances, needed, strict=True)):
            return chosen
    return [grid[keep]]


def epoch_axis(ax: Axes) -> None:
    """Ticks at whole epochs only, even if there is just one epoch."""
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, min_n_ticks=1))


def metric_axis(ax: Axes, metric: str, lines: list[Points], whole: bool) -> None:
    """Linear per cent for accuracies, log for losses and perplexities; limits by rule (`limits`).

    `whole`: an accuracy axis shows all values. A label at a fixed place saves measuring those of
    the ticks.
    """
    ax.yaxis.set_label_coords(-Y_LABEL / panel_width(ax), 0.5)
    if is_accuracy(metric):
        ax.set_ylim(accuracy_limits(lines, whole))
        ax.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
        label_per_cent(ax.yaxis)
        return
    exact = is_expected(metric)
    ax.set_ylim(near_best(joined(lines).mean, 10**EXACT_DECADES) if exact else log_limits(lines))
    log_axes(ax, "y")


def batch_axis(ax: Axes, batches: list[int]) -> None:
    """A log2 axis with a tick at each batch; labels where there is room."""
    ax.set_xscale("log", base=2)
    every = 1 + len(batches) // 8
    labels = [f"{batch}" if place % every == 0 else "" for place, batch in enumerate(batches)]
    ax.set_xticks(batches, labels)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("batch B")


def log_axes(ax: Axes, axes: str = "xy") -> None:
    """Log scales, with ticks for the limits that the axes have now."""
    for name in axes:
        ax.set(**{f"{name}scale": "log"})
        label_log_axis({"x": ax.xaxis, "y": ax.yaxis}[name])


def label_per_cent(axis: Axis) -> None:
    """Label an axis of fractions in per cent, with the minus sign of the other axes."""
    words = FuncFormatter(lambda value, _: f"{100 * value:g}".replace("-", "−"))
    axis.set_major_formatter(words)


def label_log_axis(axis: Axis) -> None:
    """Set the ticks of a log axis, for the limits that it has now.

    Labels are plain text: mathematics would load two more fonts, which takes time.
    """
    low, high = axis.get_view_interval()
    decades = float(np.log10(high / low))
    axis.set_major_locator(_log_locator(decades))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))
    axis.set_minor_locator(LogLocator(subs="auto") if decades >= SHORT else NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _log_locator(decades: float) -> LogLocator | MaxNLocator:
    """Three to six labels, whatever the range."""
    if decades < SHORT:
        return MaxNLocator(5, steps=[1, 2, 5, 10])
    for most, labels in [(0.9, (1, 2, 3, 5, 7)), (2, (1, 2, 5)), (3.2, (1, 3))]:
        if decades < most:
            return LogLocator(subs=labels)
    return LogLocator(numticks=6)


def _plain(value: float) -> str:
    """Format a number as 0.001, 20 or 1e6."""
    return f"{value:.10g}" if 1e-4 <= value < 1e6 else short(value)
