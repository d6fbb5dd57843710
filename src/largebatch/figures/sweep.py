"""Figures 1, 2 and 4 to 9: final metrics against effective learning rate, and curves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from largebatch.figures.axes import LR_LABEL, epoch_axis, metric_axis, rate_axis
from largebatch.figures.divergences import name_divergences
from largebatch.figures.face import NO_RUN, end_of_grid, metric_name, rate_label
from largebatch.figures.finals import draw_finals, lines_of, series_handles, tell_cuts
from largebatch.figures.marks import OPTIMUM, PAPER, draw_band, mark_optimum, spacing
from largebatch.figures.paper import legend_keys, say_none
from largebatch.figures.points import Lines, Rows, curves_at
from largebatch.figures.sheet import Sheet, Shown
from largebatch.figures.style import Looks, looks


def draw_sweep(
    sheet: Sheet, panels: np.ndarray, rows: Rows, settings: dict, labels: list[list[str]]
) -> list[Artist]:
    """Draw metrics of the last epoch, and the same during training, at the optimum.

    panels: those of `sheet`, indexed [final or during training, metric]. labels: of the axes of the
    metrics, for the one sweep. Returns the handles of the legend.
    """
    shown, (sweep,) = settings["figure"], settings["sweeps"]
    styles, grid = looks(sweep["optimizers"]), sorted(sweep["effective_lrs"])
    optimum, paper = curves_at(rows), shown["paper_optimum"]
    for (final, training), metric, label in zip(panels.T, shown["metrics"], *labels, strict=True):
        rate_axis(final, grid, keep=optimum)
        final.set_xlabel(LR_LABEL)
        final.set_ylabel(f"final {label}")
        lines = lines_of(rows, "sweep", metric, styles)
        draw_finals(sheet, final, f"sweep:{metric}", metric, lines, styles)
        mark_optimum(final, optimum, paper)
        if optimum is None:
            say_none(training, "no curves: no rate without divergence" if lines else NO_RUN)
            continue
        training.set_xlabel(f"epoch, at effective learning rate {rate_label(optimum)}")
        training.set_ylabel(label)
        if training is not panels[1, 0]:  # training has no epoch 0; curves show the same epochs
            training.sharex(panels[1, 0])
        curves = lines_of(rows, "curves", metric, styles, x="epoch")
        _draw_curves(sheet, training, metric, curves, styles)
    if optimum is not None:
        sheet.note(f"optimum: best {metric_name(shown['metrics'][-1])} of any optimizer")
    where = "below" if len(sheet.axes) > 1 else "at right"
    return [*series_handles(styles), *_optimum_handles(optimum, grid, paper, where)]


def _draw_curves(sheet: Sheet, ax: Axes, metric: str, lines: Lines, styles: Looks) -> None:
    sheet.shown.append(Shown(ax, lines, styles, lambda epoch: f"epoch {epoch:g}", metric))
    epoch_axis(ax)
    metric_axis(ax, metric, list(lines.values()), whole=True)
    every = spacing(lines)
    for optimizer, line in lines.items():
        draw_band(ax, line, styles[optimizer], metric, f"curves:{metric}:{optimizer}", every)
    name_divergences(ax, lines, styles, metric)
    tell_cuts(sheet, ax, f"curves:{metric}", metric, lines, styles, every)


def _optimum_handles(
    optimum: float | None, grid: Sequence[float], paper: float | None, where: str
) -> list[Artist]:
    """Handles for the stripe at `optimum` and the paper's mark; where: the curves are."""
    handles: list[Artist] = []
    if optimum is not None:
        label = f"optimum {rate_label(optimum)}{end_of_grid(optimum, grid)} (curves {where})"
        handles.append(Patch(facecolor=OPTIMUM["color"], label=label))
    if paper is not None:
        words = f"the paper's optimum {rate_label(paper)}"
        handles += legend_keys([(words, {"ls": "none", **PAPER})])
    return handles
