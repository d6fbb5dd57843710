"""The theory's own figures: each draws what stands in its table of `analysis.theory`."""

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from largebatch.figures.finals import series_handles
from largebatch.figures.plates.layout import batch_axis, log_axes, name_panel, new_plate
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.style import Look, looks
from largebatch.study import decimal

X_LABEL = "effective learning rate × curvature,  ε h / (1 − m)"
SOLID, DOTTED = {"color": "0.35", "linewidth": 0.8}, {"color": "0.35", "ls": ":", "linewidth": 0.8}
FORMS = {  # of an equation: how it is drawn
    "exact": {"color": "black", "ls": "-"},
    "monte_carlo": {"color": "#009E73", "ls": "none", "marker": "o", "ms": 3, "mfc": "white"},
    "paper": {"color": "#D55E00", "ls": "--"},
    "final": {"color": "#D55E00", "ls": "--"},
    "lines 1-2": {"color": "#C2256F", "ls": "-."},
    "line 3": {"color": "#7A1F87", "ls": ":"},
    "line 4": {"color": "#8A7500", "ls": (0, (5, 1, 1, 1))},
}
BORDERS = {  # columns of the map, one value a momentum: label and look
    "stable_below": ("diverges from", {"color": "black", "ls": "-"}),
    "oscillates_above": ("oscillates above", {"color": "black", "ls": "--"}),
    "sgd_faster_from": ("SGD contracts faster from", {"color": "#D55E00", "ls": "-"}),
    "sgd_faster_to": ("to", {"color": "#D55E00", "ls": "--"}),
}
RADII = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1]
LABELS = {"monte_carlo": "Monte Carlo ± standard error", "paper": "the paper's last line"}


def stability(table: pa.Table) -> Figure:
    """Largest stable rate against batch, and its ratio to SGD's (sec. 2)."""
    styles = _styles(table)
    limits = [
        Line2D([], [], label="limit of noise", **SOLID),
        Line2D([], [], label="limit of curvature", **DOTTED),
    ]
    plate = new_plate(
        "Largest stable learning rate against batch: Gaussian least squares",
        ["exact, mean square; 100 equal curvatures h = 1, multiplicative noise (paper, section 2)"],
        [*series_handles(styles), *limits],
    )
    left, right = plate.panels
    for momentum, look in styles.items():
        rows = rows_of(table, momentum=momentum)
        for ax, column in ((left, "effective_lr"), (right, "ratio_to_sgd")):
            ax.plot(rows["batch"], rows[column], gid=f"{column}-{momentum}", **look.drawn(0.8))
        left.axhline(rows["curvature_limit"][0].as_py(), **DOTTED)
    left.plot(rows["batch"], rows["noise_limit"], **SOLID)
    left.set_ylim(min(rows["noise_limit"].to_pylist()) / 2, None)
    for ax in plate.panels:
        batch_axis(ax, sorted(distinct(table, "batch")))
        log_axes(ax, "y")
    left.set_ylabel("largest stable ε / (1 − m)")
    right.set_ylabel("times that of SGD")
    return plate.figure


def stationary_variance(table: pa.Table) -> Figure:
    """Noise floor against e_eff h at fixed temperature, and SGD's over heavy ball's."""
    styles = _styles(table)
    plate = new_plate(
        "Stationary variance: equal at small rates, apart from about 1/h",
        ["exact, additive noise, temperature ε / (B (1 − m)) fixed; lines end where none exists"],
        series_handles(styles),
    )
    left, right = plate.panels
    for momentum, look in styles.items():
        rows = rows_of(table, momentum=momentum)
        for ax, column in ((left, "variance"), (right, "sgd_ratio")):
            style = {**look.drawn(), "marker": ""}
            ax.plot(rows["x"], rows[column], gid=f"{column}-{momentum}", **style)
    for ax in plate.panels:
        ax.set_ylim(0.8, 30)
        log_axes(ax)
        ax.set_xlabel(X_LABEL)
        for x in (1, 2):
            ax.axvline(x, **DOTTED)
    left.set_ylabel("variance in units of T Σ / (2 h)")
    right.set_ylabel("SGD's over this optimizer's")
    return plate.figure


def spectral_radius(table: pa.Table) -> Figure:
    """Contraction per update over (e_eff h, m), with the borders of its regimes."""
    momenta = sorted(distinct(table, "momentum"))
    grid = {
        name: np.array(table[name].to_pylist()).reshape(len(momenta), -1)
        for name in ("x", "momentum", "radius", *BORDERS)
    }
    handles = [Line2D([], [], label=label, **look) for label, look in BORDERS.values()]
    title = "Spectral radius of an update of heavy ball"
    notes = ["one direction of curvature h, no noise (eq. 8); grey: unstable"]
    plate = new_plate(title, notes, handles, columns=1)
    (ax,) = plate.panels
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
    ax.set_xlabel(X_LABEL)
    ax.set_ylabel("momentum m")
    box = ax.get_position()
    ax.set_position([box.x0, box.y0, 0.915 * box.width, box.height])
    bar_box = [box.x0 + 0.93 * box.width, box.y0, 0.015 * box.width, box.height]
    bar = plate.figure.colorbar(filled, cax=plate.figure.add_axes(bar_box))
    bar.set_ticks(RADII, labels=[f"{radius:g}" for radius in RADII])
    return plate.figure


def finite_population(table: pa.Table) -> Figure:
    """Erratum 1: B Var(batch mean) / Sigma against B, eq. 18 beside the exact form."""
    size = table["population"][0].as_py()
    plate = new_plate(
        "Equation 18: noise of a batch drawn without replacement",
        [f"{size} examples, all fixed; the paper's factor is (1 − B/N)², the exact one 1 − B/N"],
        _form_handles(["paper", "exact", "monte_carlo"]),
        columns=1,
    )
    (ax,) = plate.panels
    _draw_forms(ax, table, "batch")
    ax.set_xlabel("batch B")
    ax.set_ylabel("B Var(batch mean) / Σ")
    return plate.figure


def momentum_sums(table: pa.Table) -> Figure:
    """Erratum 2: eqs. 24 and 26 against the number of updates, a row each, a column a momentum."""
    momenta = distinct(table, "momentum")
    forms = [form for form in FORMS if form in distinct(table, "form")]
    handles = _form_handles([form for form in forms if form != "final"])
    plate = new_plate(
        "Equations 24 and 26: covariance of the sum of n momentum updates",
        ["divided by n Σ; the paper's forms are limits for n ≫ 1/(1 − m)"],
        handles,
        rows=2,
        columns=len(momenta),
    )
    for row, equation in zip(plate.axes, ("24", "26"), strict=True):
        for ax, m in zip(row, momenta, strict=True):
            _draw_forms(ax, rows_of(table, equation=equation, momentum=m), "updates")
            log_axes(ax, "x")
            ax.set_ylim(-0.6 if equation == "24" else -0.05, 1.25)
            name_panel(ax, f"equation {equation}, m = {decimal(m)}")
            ax.set_xlabel("updates n")
            ax.set_ylabel("covariance / (n Σ)")
    return plate.figure


def _draw_forms(ax: Axes, table: pa.Table, x: str) -> None:
    for form in distinct(table, "form"):
        rows = rows_of(table, form=form)
        place, value = rows[x].to_numpy(), rows["value"].to_numpy()
        error = rows["standard_error"].to_numpy()
        bars = {} if np.isnan(error).all() else {"yerr": error, "elinewidth": 0.8}
        ax.errorbar(place, value, label=form, **FORMS[form], **bars)[0].set_gid(form)


def _form_handles(forms: list[str]) -> list[Line2D]:
    return [Line2D([], [], label=LABELS.get(form, form), **FORMS[form]) for form in forms]


def _styles(table: pa.Table) -> dict[float, Look]:
    """A look for each momentum of the table; 0 is SGD."""
    momenta = distinct(table, "momentum")
    found = looks([f"momentum-{decimal(m)}" if m else "sgd" for m in momenta])
    return dict(zip(momenta, found.values(), strict=True))
