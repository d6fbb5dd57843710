"""Figures 1, 2 and 4 to 9: final metrics against effective learning rate, and curves below."""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.axes import LR_LABEL, epoch_axis, metric_axis, rate_axis
from largebatch.figures.divergences import name_divergences
from largebatch.figures.face import (
    BEYOND,
    NO_RUN,
    end_of_grid,
    metric_label,
    metric_name,
    rate_label,
)
from largebatch.figures.finals import draw_finals, lines_of, note_ends, series_handles
from largebatch.figures.marks import OPTIMUM, PAPER, draw_band, mark_optimum, spacing
from largebatch.figures.paper import say_none
from largebatch.figures.points import Lines, Rows, curves_at
from largebatch.figures.sheet import Sheet, Shown
from largebatch.figures.style import Looks, looks


def draw_sweep(sheet: Sheet, rows: Rows, settings: dict) -> list[Artist]:
    """Top row: metrics of the last epoch. Bottom row: the same during training, at the optimum.

    Draws on the 2 x metrics panels of `sheet`; returns the handles of the legend.
    """
    shown, (sweep,) = settings["figure"], settings["sweeps"]
    model = settings["tasks"][sweep["task"]]["model"]
    styles, grid = looks(sweep["optimizers"]), sorted(sweep["effective_lrs"])
    optimum, paper = curves_at(rows), shown["paper_optimum"]
    for column, metric in enumerate(shown["metrics"]):
        top, bottom = (row[column] for row in sheet.axes)
        rate_axis(top, grid, keep=optimum)
        top.set_xlabel(LR_LABEL)
        top.set_ylabel(f"final {metric_label(metric, model)}")
        lines = lines_of(rows, "sweep", metric, styles)
        draw_finals(sheet, 0, column, metric, lines, styles)
        mark_optimum(top, optimum, paper)
        if optimum is None:
            say_none(bottom, "no curves: seeds diverged at every rate" if lines else NO_RUN)
            continue
        bottom.set_xlabel(f"epoch, at effective learning rate {rate_label(optimum)}")
        bottom.set_ylabel(metric_label(metric, model))
        if column:  # training has no epoch 0, but the curves side by side are of the same epochs
            bottom.sharex(sheet.axes[1][0])
        curves = lines_of(rows, "curves", metric, styles, x="epoch")
        sheet.shown.append(Shown(bottom, curves, styles, lambda epoch: f"epoch {epoch:g}", metric))
        beyond = _draw_curves(bottom, metric, curves, styles)
        note_ends(sheet, bottom, metric, curves)
        if beyond:
            sheet.note(BEYOND)
    if optimum is not None:
        sheet.note(f"optimum: best {metric_name(shown['metrics'][-1])} of any optimizer")
    handles = optimum_handles("optimum {} (curves below)", optimum, grid, paper)
    return [*series_handles(styles), *handles]


def _draw_curves(ax: Axes, metric: str, lines: Lines, styles: Looks) -> bool:
    """Draw the curves of a panel; True if something is beyond the axis."""
    epoch_axis(ax)
    metric_axis(ax, metric, list(lines.values()), whole=True)
    every = spacing(lines)
    for optimizer, line in lines.items():
        draw_band(ax, line, styles[optimizer], metric, f"curves:{metric}:{optimizer}", every)
    name_divergences(ax, lines, styles, at_top=not is_accuracy(metric))
    return mark_off_scale(ax, lines, styles, f"curves:{metric}", every)


def optimum_handles(
    words: str, optimum: float | None, grid: Sequence[float], paper: float | None
) -> list[Artist]:
    """Handles for the stripe at `optimum`, whose name has `{}` in `words`, and the paper's mark."""
    handles: list[Artist] = []
    if optimum is not None:
        label = words.format(f"{rate_label(optimum)}{end_of_grid(optimum, grid)}")
        handles.append(Patch(facecolor=OPTIMUM["color"], label=label))
    if paper is not None:
        label = f"the paper's optimum {rate_label(paper)}"
        handles.append(Line2D([], [], ls="none", label=label, **PAPER))
    return handles
