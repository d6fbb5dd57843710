"""Equations of the paper beside their exact forms (docs/errata.md)."""

import numpy as np
import pyarrow as pa
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from largebatch.figures.axes import log_axes
from largebatch.figures.paper import legend_keys
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.sheet import new_sheet
from largebatch.figures.style import Options
from largebatch.study import decimal

FORMS: dict[str, Options] = {  # how each form of an equation is drawn
    "exact": {"color": "black", "ls": "-"},
    "monte_carlo": {"color": "#009E73", "ls": "none", "marker": "o", "ms": 3, "mfc": "white"},
    "paper": {"color": "#D55E00", "ls": "--"},
    "final": {"color": "#D55E00", "ls": "--"},
    "lines 1-2": {"color": "#C2256F", "ls": "-."},
    "line 3": {"color": "#7A1F87", "ls": ":"},
    "line 4": {"color": "#8A7500", "ls": (0, (5, 1, 1, 1))},
}
LABELS = {"monte_carlo": "Monte Carlo ± standard error", "paper": "the paper's last line"}


def finite_population(table: pa.Table) -> Figure:
    """Erratum 1: B Var(batch mean) / Sigma against B, eq. 18 beside the exact form."""
    size = table["population"][0].as_py()
    title = "Equation 18: noise of a batch drawn without replacement"
    facts = f"{size} examples, all fixed; the paper's factor is (1 − B/N)², the exact one 1 − B/N"
    sheet = new_sheet(1, 1, title=title, facts=facts)
    (ax,) = sheet.axes.flat
    _draw_forms(ax, table, "batch")
    ax.set_xlabel("batch B")
    ax.set_ylabel("B Var(batch mean) / Σ")
    return sheet.finish(_keys(["paper", "exact", "monte_carlo"]))


def momentum_sums(table: pa.Table) -> Figure:
    """Erratum 2: eqs. 24 and 26 (rows) against the number of updates, one column per momentum."""
    momenta = distinct(table, "momentum")
    forms = [form for form in FORMS if form in distinct(table, "form")]
    title = "Equations 24 and 26: covariance of the sum of n momentum updates"
    facts = (
        "divided by n Σ; n is the number of updates in the sum, one more than the paper's n, "
        "whose sums run from s to s + n"
    )
    sheet = new_sheet(2, len(momenta), title=title, facts=facts)
    sheet.note("the paper's forms are limits for n ≫ 1/(1 − m); line 4 begins below the axis")
    for row, equation in zip(sheet.axes, ("24", "26"), strict=True):
        for ax, m in zip(row, momenta, strict=True):
            _draw_forms(ax, rows_of(table, equation=equation, momentum=m), "updates")
            log_axes(ax, "x")
            ax.set_ylim(-0.6 if equation == "24" else -0.05, 1.25)
            ax.set_title(f"equation {equation}, m = {decimal(m)}")
            ax.set_xlabel("updates n")
            ax.set_ylabel("covariance / (n Σ)")
    return sheet.finish(_keys([form for form in forms if form != "final"]))


def _draw_forms(ax: Axes, table: pa.Table, x: str) -> None:
    for form in distinct(table, "form"):
        rows = rows_of(table, form=form)
        place, value = rows[x].to_numpy(), rows["value"].to_numpy()
        error = rows["standard_error"].to_numpy()
        bars: Options = {} if np.isnan(error).all() else {"yerr": error, "elinewidth": 0.8}
        ax.errorbar(place, value, label=form, **FORMS[form], **bars)[0].set_gid(form)


def _keys(forms: list[str]) -> list[Artist]:
    return legend_keys((LABELS.get(form, form), FORMS[form]) for form in forms)
