"""What is drawn is what the table says."""

import numpy as np
import pyarrow as pa
import pytest
from laid_out import FIGURES, SWEEPS, draw_in_memory
from matplotlib.figure import Figure
from pytest import approx
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.figures.draw import picture
from largebatch.figures.limits import accuracy_limits
from largebatch.figures.marks import ends_early
from largebatch.figures.points import Points
from largebatch.figures.style import looks, private_style
from largebatch.records import read_artefact
from largebatch.study import load_study

PICK = ["fig1", "fig3", "fig7"]  # a sweep, the momenta, one with absurd losses


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


@pytest.mark.parametrize("figure", PICK)
def test_every_divergence_is_tallied_in_its_colour(drawn, figure):
    look = looks(["sgd", "momentum-0.9", "momentum-0.99", "momentum-0.999", "momentum-0.9999"])
    found = set()
    for row in drawn[figure].sheet.axes[: 1 if figure in SWEEPS else 2]:
        for column, ax in enumerate(row):
            for text in ax.texts:
                if "/5" in text.get_text():
                    found.add((ax, column, text.xy[0], text.get_text(), text.get_color()))
    metrics = drawn[figure].settings["figure"]["metrics"]
    expected_tallies = [
        (metrics.index(r["metric"]), r["effective_lr"], f"{r['diverged']}/5",
         look[r["optimizer"]].colour)
        for r in drawn[figure].rows
        if r["panel"] == "sweep" and r["diverged"]
    ]  # fmt: skip
    assert expected_tallies
    assert sorted(entry[1:] for entry in found) == sorted(expected_tallies)


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


def test_every_row_of_tallies_begins_with_the_marker_of_its_line(drawn):
    """Otherwise the rows would look alike in print without colours."""
    panels = [shown for figure in PICK for shown in drawn[figure].sheet.shown
              if any("/5" in text.get_text() for text in shown[0].texts)]  # fmt: skip
    assert panels
    for ax, lines, styles, *_ in panels:
        begun = {line.get_gid(): line.get_marker() for line in ax.lines if line.get_gid()}
        for name, line in lines.items():
            wanted = styles[name].marker if line.diverged.any() else None
            assert begun.get(f"tally:{name}") == wanted


def test_an_accuracy_that_is_always_100_has_no_axis_beyond_it():
    flat = Points(
        *(np.array(column) for column in ([1.0, 2.0], [1.0, 1.0], [0, 0], [2, 2], [0, 0]))
    )
    low, high = accuracy_limits([flat], whole=False)
    assert low < 0.995 and high < 1.005


def test_bars_and_bands_end_at_what_an_accuracy_can_be(paper, root):
    """99 ± 3 %: no reader sees 102 %, nor a cap that says that the deviation ends at 100 %."""
    artefact = read_artefact(root / "results/paper/tables/fig1.parquet")
    rows = [
        row | ({"mean": 0.99, "std": 0.03} if row["metric"] == "test_accuracy" else {})
        for row in artefact.table.to_pylist()
    ]
    table = pa.Table.from_pylist(rows, schema=artefact.table.schema)
    with private_style():
        sheet = picture(table, paper.figure_settings("fig1"), artefact.record["facts"]["runs"])
        sheet.figure.draw_without_rendering()
    top, bottom = (row[1] for row in sheet.axes)
    for container in top.containers:
        _, caps, bars = container.lines
        for artist in (*caps, *bars):
            assert top.transData.inverted().transform(artist.get_clip_box())[1, 1] == approx(1)
    shades = [path for band in bottom.collections for path in band.get_paths()]
    assert shades and max(path.vertices[:, 1].max() for path in shades) == 1.0
    assert "bars and bands end at 0 and 100 %" in " ".join(t.get_text() for t in sheet.figure.texts)


def test_a_bar_that_is_not_drawn_ends_nowhere():
    """A mean beyond the axis has no bar, and an axis that ends first cuts it anywhere."""
    far, near = (Points(*(np.array([v]) for v in (1.0, m, 0.9, 5, 0))) for m in (0.2, 0.9))
    with private_style():
        ax = Figure().add_subplot()
    ax.set_ylim(0.65, 1.02)
    assert not ends_early(ax, far, "test_accuracy") and ends_early(ax, near, "test_accuracy")
    ax.set_ylim(0.1, 0.95)
    assert not any(ends_early(ax, line, "test_accuracy") for line in (far, near))


def test_where_no_bar_is_cut_the_face_does_not_say_so(drawn):
    for figure in FIGURES:
        cut = "end at 0 and 100 %" in " ".join(drawn[figure].words())
        reach = [r["mean"] + r["std"] for r in drawn[figure].rows
                 if r["std"] is not None and r["metric"] == "test_accuracy"]  # fmt: skip
        assert cut == (max(reach, default=0) > 1)


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
