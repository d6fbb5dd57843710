"""Figures of the exact theory: stability, stationary noise and contraction of heavy ball."""

import numpy as np
import pyarrow as pa
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.figure import Figure

from largebatch.figures.axes import batch_axis, log_axes
from largebatch.figures.finals import series_handles
from largebatch.figures.paper import legend_keys
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.sheet import new_sheet
from largebatch.figures.style import Look, Options, looks
from largebatch.study import decimal

X_LABEL = "effective learning rate × curvature,  ε h / (1 − m)"
SOLID: Options = {"color": "0.35", "linewidth": 0.8}
DOTTED: Options = {"color": "0.35", "ls": ":", "linewidth": 0.8}
# Columns of the map, one value per momentum: label and look.
BORDERS: dict[str, tuple[str, Options]] = {
    "stable_below": ("diverges from", {"color": "black", "ls": "-"}),
    "oscillates_above": ("oscillates above", {"color": "black", "ls": "--"}),
    "sgd_faster_from": ("SGD contracts faster between these", {"color": "black", "ls": ":"}),
    "sgd_faster_to": ("", {"color": "black", "ls": ":"}),
}
RADII = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1]


def stability(table: pa.Table) -> Figure:
    """Largest stable rate against batch, and its ratio to SGD's (sec. 2)."""
    styles = _styles(table)
    title = "Largest stable learning rate against batch: Gaussian least squares"
    facts = "exact, mean square; 100 equal curvatures h = 1, multiplicative noise (paper, sec. 2)"
    sheet = new_sheet(1, 2, title=title, facts=facts)
    left, right = sheet.axes.flat
    for momentum, look in styles.items():
        rows = rows_of(table, momentum=momentum)
        for ax, column in ((left, "effective_lr"), (right, "ratio_to_sgd")):
            ax.plot(rows["batch"], rows[column], gid=f"{column}-{momentum}", **look.drawn(0.8))
        left.axhline(rows["curvature_limit"][0].as_py(), **DOTTED)
    left.plot(rows["batch"], rows["noise_limit"], **SOLID)
    left.set_ylim(min(rows["noise_limit"].to_pylist()) / 2, None)
    for ax in sheet.axes.flat:
        batch_axis(ax, sorted(distinct(table, "batch")))
        log_axes(ax, "y")
    left.set_ylabel("largest stable ε / (1 − m)")
    right.set_ylabel("times that of SGD")
    limits = legend_keys([("limit of noise", SOLID), ("limit of curvature", DOTTED)])
    return sheet.finish([*series_handles(styles), *limits])


def stationary_variance(table: pa.Table) -> Figure:
    """Noise floor against e_eff h at fixed temperature, and SGD's over heavy ball's."""
    styles = _styles(table)
    title = "Stationary variance: equal at small rates, different from about 1/h upwards"
    facts = (
        "exact, additive noise, temperature ε / (B (1 − m)) fixed; lines end where there is none"
    )
    sheet = new_sheet(1, 2, title=title, facts=facts)
    left, right = sheet.axes.flat
    for momentum, look in styles.items():
        rows = rows_of(table, momentum=momentum)
        for ax, column in ((left, "variance"), (right, "sgd_ratio")):
            style = {**look.drawn(0.8), "markevery": 20}
            ax.plot(rows["x"], rows[column], gid=f"{column}-{momentum}", **style)
    for ax in sheet.axes.flat:
        ax.set_ylim(0.8, 30)
        log_axes(ax)
        ax.set_xlabel(X_LABEL)
        for x in (1, 2):
            ax.axvline(x, **DOTTED)
    left.set_ylabel("variance\n(T Σ / (2 h))")
    right.set_ylabel("ratio of SGD's to it")
    lines = legend_keys([("at 1/h, and at SGD's limit 2/h", DOTTED)])
    return sheet.finish([*series_handles(styles), *lines])


def spectral_radius(table: pa.Table) -> Figure:
    """Contraction per update over (e_eff h, m), with the borders of its regimes."""
    momenta = sorted(distinct(table, "momentum"))
    grid = {
        name: np.array(table[name].to_pylist()).reshape(len(momenta), -1)
        for name in ("x", "momentum", "radius", *BORDERS)
    }
    title = "Spectral radius of one update of heavy ball"
    facts = "one direction of curvature h, no noise (eq. 8); grey: unstable"
    sheet = new_sheet(1, 1, title=title, facts=facts)
    (ax,) = sheet.axes.flat
    colours = LinearSegmentedColormap.from_list("radius", ["#0b3c5d", "#6fb1d6", "#f2f2f2"])
    norm = BoundaryNorm(RADII, colours.N)
    place = grid["x"], 1 - grid["momentum"]
    filled = ax.contourf(*place, grid["radius"], levels=RADII, cmap=colours, norm=norm)
    log_axes(ax)
    limits = ax.get_xlim()
    for name, (_, look) in BORDERS.items():
        ax.plot(grid[name][:, 0], place[1][:, 0], gid=name, **look)
    ax.set_xlim(limits)
    ax.set_ylim(1, 1e-4)
    ticks = [1 - m for m in (0, 0.5, 0.9, 0.99, 0.999, 0.9999)]
    ax.set_yticks(ticks, ["0", "0.5", "0.9", "0.99", "0.999", "0.9999"])
    ax.minorticks_off()
    ax.set_facecolor("#b0b0b0")
    ax.grid(False)  # it would show only where it is unstable
    ax.set_xlabel(X_LABEL)
    ax.set_ylabel("momentum m")
    figure = sheet.finish(legend_keys(border for border in BORDERS.values() if border[0]))
    box = ax.get_position()
    ax.set_position((box.x0, box.y0, 0.89 * box.width, box.height))
    bar_box = (box.x0 + 0.905 * box.width, box.y0, 0.015 * box.width, box.height)
    bar = figure.colorbar(filled, cax=figure.add_axes(bar_box))
    bar.set_ticks(RADII, labels=[f"{radius:g}" for radius in RADII])
    bar.set_label("spectral radius")
    return figure


def _styles(table: pa.Table) -> dict[float, Look]:
    """A look for each momentum of the table; 0 is SGD."""
    momenta = distinct(table, "momentum")
    found = looks(f"momentum-{decimal(m)}" if m else "sgd" for m in momenta)
    return dict(zip(momenta, found.values(), strict=True))
