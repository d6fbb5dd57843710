"""The maps drawn as lines over batch sizes, one row per task: gap and reach."""

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.axes import batch_axis, label_per_cent, log_axes
from largebatch.figures.face import SHARED, metric_name
from largebatch.figures.finals import series_handles, shared_colours
from largebatch.figures.paper import say_none
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.sheet import Sheet, new_sheet
from largebatch.figures.style import Looks, looks

Metrics = dict[str, dict[str, str]]  # {task: {metric: its unit}}


def gap_picture(table: pa.Table, metrics: Metrics, notice: str | None) -> Figure:
    """Draw a row per task: what momentum gains, in training and in testing.

    metrics: as in `maps_settings`.
    """
    note = (
        "gain: SGD's loss or perplexity minus that of momentum, or momentum's accuracy minus that "
        "of SGD, so that above 0 momentum is better; mean ± standard deviation over paired seeds"
    )
    none = "at no batch do both have a rate at which no seed diverges"
    title = "What momentum gains over SGD, each at its own optimum"
    sheet, styles = _sheet(title, table, list(metrics), note, none, notice)
    for row, task in zip(sheet.axes, distinct(table, "task"), strict=True):
        of_task = rows_of(table, task=task)
        for ax, metric in zip(row, metrics[task], strict=True):
            ax.set_title(f"{task}, {metric_name(metric)}")
            if metric not in distinct(of_task, "metric"):
                say_none(ax, none.replace(" at which", "\nat which"))
                continue
            _draw_lines(ax, rows_of(of_task, metric=metric), styles)
            ax.axhline(0, color="0.35", linewidth=0.8)
            if is_accuracy(metric):
                label_per_cent(ax.yaxis)
            unit = metrics[task][metric].replace("%", "% points")
            ax.set_ylabel(f"gain ({unit})" if unit else "gain in perplexity")
    return sheet.finish(series_handles(styles))


def reach_picture(table: pa.Table, metrics: Metrics, notice: str | None) -> Figure:
    """Draw a row per task: updates and seconds to the target. metrics: as for `gap_picture`."""
    note = (
        "mean ± standard deviation over seeds, at the fastest rate; no point where no rate brings "
        "every seed to the target; seconds are those of packs that runs share"
    )
    none = "at some batch, seeds diverge at every rate"
    title = "Updates and seconds to the best training metric that every batch reaches"
    sheet, styles = _sheet(title, table, list(metrics), note, none, notice)
    for row, task in zip(sheet.axes, distinct(table, "task"), strict=True):
        of_task = rows_of(table, task=task)
        target = f"{metric_name(of_task['metric'][0].as_py())} {of_task['target'][0].as_py():.3g}"
        for ax, unit in zip(row, ("updates", "seconds"), strict=True):
            _draw_lines(ax, rows_of(of_task, unit=unit), styles)
            log_axes(ax, "y")
            ax.set_title(f"{task}, to {target}")
            ax.set_ylabel(unit)
    return sheet.finish(series_handles(styles))


def _sheet(
    title: str, table: pa.Table, wanted: list[str], note: str, none: str, notice: str | None
) -> tuple[Sheet, Looks]:
    """A sheet of one row per task, and the looks of the optimizers that every task has.

    The others are named below, and so is a task of `wanted` without a row; `none` says why.
    """
    tasks = distinct(table, "task")
    having = [distinct(rows_of(table, task=task), "optimizer") for task in tasks]
    every = looks(distinct(table, "optimizer"))
    styles = {name: look for name, look in every.items() if all(name in h for h in having)}
    others = [look.label for name, look in every.items() if name not in styles]
    sheet = new_sheet(len(tasks), 2, title=title, notice=notice, facts=note if tasks else "")
    sheet.note(SHARED, when=shared_colours(styles))
    sheet.leave_out(others, "not in every task")
    sheet.leave_out([task for task in wanted if task not in tasks], none)
    return sheet, styles


def _draw_lines(ax: Axes, rows: pa.Table, styles: Looks) -> None:
    """Draw means against batch, with bars."""
    if not styles:
        say_none(ax, "no optimizer that every task has")
        return
    for name, look in styles.items():
        line = rows_of(rows, optimizer=name)
        spread = np.nan_to_num(line["std"].to_numpy())
        ax.errorbar(line["batch"], line["mean"], yerr=spread, elinewidth=0.8, **look.drawn())
    batch_axis(ax, sorted(distinct(rows, "batch")))
