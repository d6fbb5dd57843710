"""One line of a panel, taken from the figure's table."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Points:
    """Columns of the table, NaN for null; x is effective_lr or epoch. All have shape (points,)."""

    x: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    n: np.ndarray
    diverged: np.ndarray

    @property
    def spread(self) -> np.ndarray:
        """std, or 0 where there is none, as of a single seed."""
        return np.nan_to_num(self.std, posinf=np.inf)

    @property
    def some_diverged(self) -> np.ndarray:
        """Where a mean is over fewer seeds than were run."""
        return (self.diverged > 0) & (self.n > 0)

    def where(self, mask: np.ndarray) -> "Points":
        """The points at which `mask` holds."""
        return Points(*(getattr(self, field.name)[mask] for field in fields(self)))


Rows = list[dict]  # of the figure's table
Lines = dict[str, Points]  # by optimizer


def points(rows: Rows, x: str = "effective_lr", **which: object) -> Points:
    """The rows whose columns equal `which`, in the order of the table."""
    found = [row for row in rows if all(row[name] == value for name, value in which.items())]
    floats = (np.array([row[name] for row in found], float) for name in (x, "mean", "std"))
    counts = (np.array([row[name] for row in found], int) for name in ("n", "diverged"))
    return Points(*floats, *counts)


def curves_at(rows: Rows) -> float | None:
    """The rate whose curves the rows hold, the optimum; None if they hold none."""
    return next((row["effective_lr"] for row in rows if row["panel"] == "curves"), None)


def joined(lines: list[Points]) -> Points:
    """The points of all lines of a panel together."""
    names = [field.name for field in fields(Points)]
    return Points(*(np.concatenate([getattr(line, name) for line in lines]) for name in names))
