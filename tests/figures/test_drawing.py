"""What is drawn is what the table says."""

import numpy as np
import pytest
from laid_out import FIGURES, PICK, SWEEPS, draw_in_memory
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.study import load_study


def expected(rows, gid):
    """The rows of the line that has this name."""
    panel, metric, *batch, optimizer = gid.split(":")
    which = {"panel": panel, "metric": metric, "optimizer": optimizer}
    if batch:
        which["batch"] = int(batch[0].removeprefix("batch-"))
    return [row for row in rows if all(row[name] == value for name, value in which.items())]


def numbers(rows, name):
    return np.array([row[name] for row in rows], float)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(("panel", "x"), [("sweep", "effective_lr"), ("curves", "epoch")])
def test_lines_are_the_table(drawn, figure, panel, x):
    lines = drawn[figure].lines(panel)
    count = 0
    for gid, line in lines.items():
        rows = expected(drawn[figure].rows, gid)
        np.testing.assert_array_equal(line.get_xdata(), numbers(rows, x))
        np.testing.assert_array_equal(line.get_ydata(), numbers(rows, "mean"))
        count += len(rows)
    assert count == sum(row["panel"] == panel for row in drawn[figure].rows)  # none left out


@pytest.mark.parametrize("figure", FIGURES)
def test_axes_are_those_of_the_metric(drawn, figure):
    for row in drawn[figure].sheet.axes:
        for ax, metric in zip(row, drawn[figure].settings["figure"]["metrics"], strict=True):
            accuracy = metric == "test_accuracy"
            assert ax.get_yscale() == ("linear" if accuracy else "log")
            split, quantity = metric.split("_")
            words = f"{'training' if split == 'train' else 'test'} {quantity}"
            assert words in ax.get_ylabel()
            assert ("%" in ax.get_ylabel()) == accuracy


@pytest.mark.parametrize("figure", FIGURES)
def test_a_tick_at_every_rate_of_the_grid(drawn, figure):
    grid = sorted({r["effective_lr"] for r in drawn[figure].rows if r["panel"] == "sweep"})
    rows = drawn[figure].sheet.axes
    for ax in rows[0] if figure in SWEEPS else [ax for row in rows for ax in row]:
        assert ax.xaxis.get_transform().base == 2
        assert list(ax.get_xticks()) == grid
        low, high = ax.get_xlim()
        assert low < grid[0] and grid[-1] < high


@pytest.mark.parametrize("figure", SWEEPS)
def test_the_optimum_is_the_rate_of_the_curves(drawn, figure):
    (rate,) = {r["effective_lr"] for r in drawn[figure].rows if r["panel"] == "curves"}
    for top, bottom in zip(*drawn[figure].sheet.axes, strict=True):
        marks = {line.get_gid(): line for line in top.lines}
        assert set(marks["optimum"].get_xdata()) == {rate}
        paper = drawn[figure].settings["figure"]["paper_optimum"]
        assert list(marks["paper"].get_xdata()) == [paper]
        assert bottom.get_xlabel().startswith("epoch, at effective learning rate ")


@pytest.mark.parametrize("figure", SWEEPS)
def test_curves_side_by_side_have_one_axis_of_epochs(drawn, figure):
    epochs = [row["epoch"] for row in drawn[figure].rows if row["panel"] == "curves"]
    left, right = drawn[figure].sheet.axes[1]
    assert left.get_xlim() == right.get_xlim()
    assert left.get_xlim()[0] < min(epochs) and max(epochs) < left.get_xlim()[1]


def test_a_single_epoch_has_no_tick_but_at_its_ends(tmp_path):
    mnist = load_study("mnist")
    write_runs(mnist, tmp_path, ["fig6"])
    write_figure_table(mnist, "fig6", tmp_path)
    left, _ = draw_in_memory(mnist, "fig6", tmp_path).sheet.axes[1]
    low, high = left.get_xlim()
    assert [tick for tick in left.get_xticks() if low <= tick <= high] == [0, 1]


def test_panels_of_one_metric_above_each_other_have_one_axis(drawn):
    for column in drawn["fig3"].sheet.axes.T:
        assert len({ax.get_ylim() for ax in column}) == 1


@pytest.mark.parametrize("figure", FIGURES)
def test_only_final_metrics_are_called_final_and_rates_stand_below(drawn, figure):
    axes = drawn[figure].sheet.axes
    finals = axes[:1] if figure in SWEEPS else axes
    assert all(ax.get_ylabel().startswith("final ") for row in finals for ax in row)
    assert not any(
        ax.get_ylabel().startswith("final ") for row in axes[len(finals) :] for ax in row
    )
    for column in finals.T:
        named = [ax.get_xlabel().startswith("effective learning rate") for ax in column]
        assert named == [False] * (len(column) - 1) + [True]


@pytest.mark.parametrize("figure", PICK)
def test_hollow_where_some_seeds_diverged(drawn, figure):
    axes = [ax for row in drawn[figure].sheet.axes for ax in row]
    hollow = {line.get_gid(): line for ax in axes for line in ax.lines if line.get_gid()}
    for gid in drawn[figure].lines("sweep"):
        rows = [r for r in expected(drawn[figure].rows, gid) if r["diverged"] and r["n"]]
        mark = hollow.get(f"{gid}:hollow")
        assert (mark is None) == (not rows)
        if rows:
            np.testing.assert_array_equal(mark.get_xdata(), numbers(rows, "effective_lr"))
            np.testing.assert_array_equal(mark.get_ydata(), numbers(rows, "mean"))
            assert mark.get_markerfacecolor() == "white"
