"""Scales, ticks and labels of the axes."""

from math import log2

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.limits import accuracy_limits, log_limits
from largebatch.figures.points import Points
from largebatch.study import decimal

POINTS_PER_CHARACTER = 4.2  # of DejaVu Sans at the size of tick labels, on average
LR_LABEL = "effective learning rate  ε / (1 − m)"


def rate_axis(ax: Axes, grid: list[float], width: float, keep: float | None = None) -> None:
    """A log2 axis with a tick at each rate of `grid`; labels as dense as `width` (points) allows.

    `keep` is a rate that is labelled in any case, if it is on the grid.
    """
    ax.set_xscale("log", base=2)
    half_a_step = 0.5 * log2(grid[-1] / grid[0]) / (len(grid) - 1) if len(grid) > 1 else 0.5
    ax.set_xlim(grid[0] * 2**-half_a_step, grid[-1] * 2**half_a_step)
    every = _stride(grid, width)
    first = grid.index(keep) % every if keep in grid else 0
    labels = [rate_label(lr) if i % every == first else "" for i, lr in enumerate(grid)]
    ax.set_xticks(grid, labels)
    ax.xaxis.set_minor_locator(NullLocator())


def _stride(grid: list[float], width: float) -> int:
    """Label every so-manieth rate, so that labels do not touch."""
    room = width / len(grid)
    longest = max(len(rate_label(lr)) for lr in grid)
    return max(1, int(np.ceil((longest + 1) * POINTS_PER_CHARACTER / room)))


def rate_label(lr: float) -> str:
    """1/64 for negative powers of two, as in the paper; else the decimal, long ones in short."""
    if lr < 1 and log2(lr).is_integer():
        return f"1/{round(1 / lr)}"
    return decimal(lr) if len(decimal(lr)) <= 6 else _short(lr)


def metric_axis(ax: Axes, metric: str, lines: list[Points], whole: bool) -> None:
    """Linear per cent for accuracies, log for losses and perplexities; limits by rule.

    `whole`: an accuracy axis shows all values.
    """
    if is_accuracy(metric):
        ax.set_ylim(accuracy_limits(lines, whole))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))
        return
    ax.set_yscale("log")
    ax.set_ylim(log_limits(lines))
    decades = float(np.log10(ax.get_ylim()[1] / ax.get_ylim()[0]))
    ax.yaxis.set_major_locator(_log_locator(decades))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))
    ax.yaxis.set_minor_locator(LogLocator(subs="auto") if decades >= 0.5 else NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())


def _log_locator(decades: float) -> LogLocator | MaxNLocator:
    """At least two labels, whatever the range."""
    if decades < 0.5:
        return MaxNLocator(4, steps=[1, 2, 5, 10])
    if decades < 2:
        return LogLocator(subs=(1, 2, 5) if decades > 0.9 else (1, 2, 3, 5, 7))
    return LogLocator(numticks=6)


def _plain(value: float) -> str:
    """0.001, 20, 1e6: no mathematics in labels."""
    return f"{value:.10g}" if 1e-4 <= value < 1e6 else _short(value)


def _short(value: float) -> str:
    """1.56e−4: three digits, and no padding of the exponent."""
    digits, _, exponent = f"{value:.2e}".partition("e")
    return f"{float(digits):g}e{int(exponent)}".replace("-", "−")


def metric_label(metric: str, model: dict, final: bool) -> str:
    """What stands on the y-axis, with its unit."""
    split, _, quantity = metric.partition("_")
    name = f"{'training' if split == 'train' else 'test'} {quantity}"
    unit = {
        "accuracy": " (%)",
        "perplexity": "",
        "loss": f"\n({_loss_of(model)})",
    }[quantity]
    return f"{'final ' if final else ''}{name}{unit}"


def _loss_of(model: dict) -> str:
    if model["kind"] == "autoencoder":
        per = {"sum": "per image", "mean": "per pixel"}[model["reduction"]]
        return f"squared error {per}"
    return {"wrn": "cross-entropy", "lstm": "cross-entropy per word"}[model["kind"]]
