"""Where each number is on a figure, so that a page can show it under the mouse."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.arrowheads import EDGES
from largebatch.figures.points import Points
from largebatch.figures.sheet import Sheet

DIGITS = 4  # decimals of a place on the sheet


def spots(sheet: Sheet) -> list[list]:
    """[[left, top, words, mean, std, n, diverged, per cent], ...], one for each number drawn.

    left and top are fractions of the sheet from its upper left corner; words are like `SGD at epoch
    3`. mean and std are in the unit of the axis, and None where the table has none.
    """
    found = []
    for ax, lines, looks, at, metric in sheet.shown:
        per_cent = is_accuracy(metric)
        unit = 100 if per_cent else 1
        for name, line in lines.items():
            mean, std = unit * line.mean, unit * line.std
            table = zip(line.x, mean, std, line.n, line.diverged, strict=True)
            for place, (x, *row) in zip(_places(sheet, ax, line), table, strict=True):
                words = f"{looks[name].label} at {at(float(x))}"
                found.append([*place, words, *(_plain(value) for value in row), per_cent])
    return found


def _places(sheet: Sheet, ax: Axes, line: Points) -> Iterator[tuple[float, float]]:
    """Where the points are: a mean beyond the axis at its arrowhead, a missing one at the top."""
    (low, high), (bottom, _), (top, _) = ax.get_ylim(), EDGES["bottom"], EDGES["top"]
    inside = np.clip(np.nan_to_num(line.mean, nan=high), low, high)
    across, up = ax.transData.transform(np.column_stack([line.x, inside])).T
    frame, whole = ax.get_window_extent(), sheet.figure.bbox
    up = np.where(line.mean > high, frame.y0 + top * frame.height, up)
    up = np.where(line.mean < low, frame.y0 + bottom * frame.height, up)
    for x, y in zip(across / whole.width, 1 - up / whole.height, strict=True):
        yield round(float(x), DIGITS), round(float(y), DIGITS)


def _plain(value: np.floating | np.integer) -> float | int | None:
    return value.item() if np.isfinite(value) else None
