"""What is drawn is what the table says."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from laid_out import FIGURES, SWEEPS, draw_in_memory
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from pytest import approx
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.axes import label_log_axis, rate_axis
from largebatch.figures.draw import picture
from largebatch.figures.face import rate_label
from largebatch.figures.hover import spots
from largebatch.figures.limits import accuracy_limits
from largebatch.figures.marks import ends_early, on_scale
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


def test_panels_of_one_metric_above_each_other_have_one_axis(drawn):
    for column in drawn["fig3"].sheet.axes.T:
        assert len({ax.get_ylim() for ax in column}) == 1


def changed(paper, root, change):
    """Figure 1 after `change(row)` of each row of SGD's curves."""
    artefact = read_artefact(root / "results/paper/tables/fig1.parquet")
    rows = artefact.table.to_pylist()
    for row in rows:
        if (row["panel"], row["optimizer"]) == ("curves", "sgd"):
            change(row)
    table = pa.Table.from_pylist(rows, schema=artefact.table.schema)
    with private_style():
        return picture(table, paper.figure_settings("fig1"), artefact.record["facts"]["runs"])


def said(sheet):
    return " ".join(text.get_text() for text in sheet.figure.texts)


def test_divergences_along_curves_are_told_where_good_curves_are_not(paper, root):
    """Good losses are low, and good accuracies high."""
    sheet = changed(paper, root, lambda row: row.update(n=4, diverged=1))
    for ax, corner in zip(sheet.axes[1], (1, 0), strict=True):
        (text,) = ax.texts
        assert text.get_text() == "SGD: 1 of 5 seeds diverged" and text.xy[1] == corner


@pytest.mark.parametrize(
    ("metric", "mean", "words"),
    [("train_loss", 1e12, "the mean is beyond the axis"), ("test_accuracy", 0.99, "end at 0 and")],
)
def test_a_mark_that_only_the_curves_have_is_explained(paper, root, metric, mean, words):
    def change(row):
        if row["metric"] == metric:
            row.update(mean=mean if row["epoch"] > 150 else row["mean"], std=0.03)

    assert words in said(changed(paper, root, change))
    assert words not in said(changed(paper, root, lambda row: None))


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


@pytest.mark.parametrize("place", range(11))
def test_the_optimum_is_labelled_however_narrow_the_panel(place):
    grid = [2.0**k for k in range(-6, 5)]
    with private_style():
        ax = Figure(figsize=(1, 1)).add_axes((0.4, 0, 0.25, 1))
        rate_axis(ax, grid, keep=grid[place])
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[place] == rate_label(grid[place]) and "" in labels


def test_a_bad_rate_does_not_squash_the_final_accuracies_but_curves_are_whole(paper, root):
    artefact = read_artefact(root / "results/paper/tables/fig1.parquet")
    bad = {"mean": 0.01, "std": None, "n": 5, "diverged": 0}
    rows = artefact.table.to_pylist()
    lines = [row for row in rows if row["metric"] == "test_accuracy"]
    for panel in ("sweep", "curves"):
        of_sgd = [r for r in lines if (r["panel"], r["optimizer"]) == (panel, "sgd")]
        of_sgd[0].update(bad)
    table = pa.Table.from_pylist(rows, schema=artefact.table.schema)
    with private_style():
        sheet = picture(table, paper.figure_settings("fig1"), artefact.record["facts"]["runs"])
    top, bottom = (row[1].get_ylim()[0] for row in sheet.axes)
    assert bottom < 0.01 < 0.1 < top


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


def test_an_arrowhead_for_every_mean_beyond_the_axis(drawn):
    beyond = 0
    for ax, lines, *_ in drawn["fig7"].sheet.shown[::2]:  # the panels of final metrics
        arrows = {line.get_gid(): line for line in ax.lines if line.get_gid()}
        for name, line in lines.items():
            mean = np.nan_to_num(line.mean, nan=ax.get_ylim()[0])
            missing = line.where(mean > ax.get_ylim()[1])
            drawn_at = [a.get_xdata() for gid, a in arrows.items()
                        if gid.endswith("top") and gid.split(":")[-3] == name]  # fmt: skip
            np.testing.assert_array_equal(np.sort(np.concatenate([[], *drawn_at])), missing.x)
            beyond += len(missing.x)
    assert beyond > 0
    assert any("arrowhead" in words for words in drawn["fig7"].words())


def test_under_the_mouse_a_number_beyond_the_axis_is_its_arrowhead_a_missing_one_at_the_top(drawn):
    sheet, beyond, missing = drawn["fig7"].sheet, 0, 0
    heights = iter((1 - top) * sheet.figure.bbox.height for _, top, *_ in spots(sheet))
    for ax, lines, *_ in sheet.shown:
        frame, high = ax.get_window_extent(), ax.get_ylim()[1]
        tips = [a for a in ax.lines if str(a.get_gid()).endswith("top")]
        tip = {a.get_transform().transform(a.get_xydata())[0, 1] for a in tips}
        for mean in (mean for line in lines.values() for mean in line.mean):
            height = next(heights)
            if np.isnan(mean):
                assert height == approx(frame.y1, abs=0.1)
            elif mean > high:
                assert [height] == approx(list(tip), abs=0.1)
            beyond, missing = beyond + (mean > high), missing + np.isnan(mean)
    assert beyond and missing and next(heights, None) is None


def _arrowheads(**options) -> list[float]:
    """Where arrowheads are, of a hundred means that lie beyond the axis."""
    line = Points(np.arange(100.0), *(np.full(100, v) for v in (9.0, np.nan, 1, 0)))
    with private_style():
        ax = Figure().add_subplot()
        ax.set_ylim(0, 1)
        assert mark_off_scale(ax, {"sgd": line}, looks(["sgd"]), "panel", **options)
    return ax.lines[0].get_xdata().tolist()


def test_only_along_curves_are_there_fewer_arrowheads():
    assert _arrowheads() == list(range(100))
    assert _arrowheads(every=10) == list(range(0, 100, 10))


def test_an_arrowhead_points_to_where_its_mean_is():
    line = Points(*(np.array(column) for column in ([1.0, 2.0], [9.0, -9.0], *[[1, 1]] * 3)))
    with private_style():
        ax = Figure().add_subplot()
        ax.set_ylim(0, 1)
        mark_off_scale(ax, {"sgd": line}, looks(["sgd"]), "panel")
    tips = {arrow.get_xdata()[0]: (arrow.get_marker(), arrow.get_ydata()[0]) for arrow in ax.lines}
    (up, above), (down, below) = tips[1.0], tips[2.0]
    assert (up, down) == ("^", "v") and above > 0.9 > 0.1 > below


@pytest.mark.parametrize(
    ("value", "words"),
    [(1e-5, "1e−5"), (1e-4, "0.0001"), (0.02, "0.02"), (5, "5"), (2e5, "200000"), (1e6, "1e6")],
)
def test_numbers_along_a_log_axis_are_plain_while_they_are_short(value, words):
    with private_style():
        ax = Figure().add_subplot()
        ax.set_yscale("log")
        label_log_axis(ax.yaxis)
    assert ax.yaxis.get_major_formatter()(value, 0) == words


def test_arrowheads_share_the_room_at_their_rate_only():
    """One alone stands at its rate, whatever other lines do at others."""
    x, far, near = np.array([1.0, 2.0, 4.0]), 9.0, 0.5
    means = {"sgd": [far, near, far], "momentum-0.9": [near, near, far]}
    nothing = [np.full(3, np.nan)] * 3
    lines = {name: Points(x, np.array(mean), *nothing) for name, mean in means.items()}
    with private_style():
        ax = Figure(dpi=72).add_subplot()
        ax.set_ylim(0, 1)
        mark_off_scale(ax, lines, looks(lines), "panel")
    shifts = {}
    for arrow in ax.lines:
        (across, _), (exact, _) = (
            transform.transform((2, 1)) for transform in (arrow.get_transform(), ax.transData)
        )
        for place in arrow.get_xdata():
            shifts.setdefault(place, []).append(round(across - exact, 3))
    assert shifts == {1.0: [0], 4.0: [-1.6, 1.6]}


def test_along_curves_no_stretch_beyond_the_axis_lacks_its_arrowhead():
    mean = np.full(100, 0.5)
    mean[[3, 4, 5, 77]] = 9
    line = Points(np.arange(100.0), mean, *[np.full(100, np.nan)] * 3)
    with private_style():
        ax = Figure().add_subplot()
        ax.set_ylim(0, 1)
        mark_off_scale(ax, {"sgd": line}, looks(["sgd"]), "panel", every=10)
    assert list(ax.lines[0].get_xdata()) == [3, 77]


def test_means_beyond_the_axis_have_no_bars_that_look_like_data(drawn):
    for ax, lines, *_ in drawn["fig7"].sheet.shown[::2]:
        for container, line in zip(ax.containers, lines.values(), strict=True):
            (bars,) = container.lines[2]
            with_bars = sum(np.isfinite(s).all() for s in bars.get_segments() if len(s))
            assert with_bars == (on_scale(ax, line) & np.isfinite(line.std)).sum()


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


def test_two_optimizers_never_look_alike():
    names = ["sgd", *(f"momentum-0.{digit}" for digit in range(1, 10))]
    names += [f"nesterov-0.{digit}" for digit in range(1, 10)]
    found = looks(names).values()
    assert len({(look.colour, look.marker, look.line) for look in found}) == len(names)


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


def test_every_form_of_momentum_has_its_name_and_look():
    found = looks(["sgd", "momentum-0.9", "nesterov-0.9", "corrected-0.9"])
    labels = [look.label for look in found.values()]
    assert labels == ["SGD", "momentum 0.9", "Nesterov 0.9", "corrected momentum 0.9"]
    assert len({look.colour for look in found.values()}) == 4


def test_a_momentum_is_written_as_its_file_name_has_it():
    assert looks(["momentum-0.123456789"])["momentum-0.123456789"].label == "momentum 0.123456789"


@pytest.mark.parametrize(("figure", "optimizers"), [("fig2", 7), ("fig2", 8), ("fig3", 8)])
def test_of_lines_with_one_colour_the_face_says_how_they_differ(tmp_path, figure, optimizers):
    names = ["sgd", *(f"{f}-{m}" for f in ("momentum", "corrected") for m in (0.8, 0.9, 0.99, 0.5))]
    demo = load_study("demo")
    chosen = {k: replace(w, optimizers=tuple(names[:optimizers])) for k, w in demo.sweeps.items()}
    study = replace(demo, sweeps=chosen)
    write_runs(study, tmp_path, [figure])
    write_figure_table(study, figure, tmp_path)
    drawn = draw_in_memory(study, figure, tmp_path)
    found = list(drawn.sheet.shown[0].looks.values())
    said = "lines of one colour differ in marker and dashes" in " ".join(drawn.words())
    assert said == (len({look.colour for look in found}) < optimizers) == (optimizers == 8)
    assert len({look.marker for look in found if look.colour == found[-1].colour}) == 1 + said
    renderer, whole = drawn.sheet.figure.canvas.get_renderer(), drawn.sheet.figure.bbox
    box = drawn.sheet.figure.legends[0].get_window_extent(renderer)
    assert whole.x0 <= box.x0 and box.x1 <= whole.x1


def test_an_optimizer_looks_the_same_in_every_figure(drawn):
    seen = {}
    for figure in drawn.values():
        for gid, line in (figure.lines("sweep") | figure.lines("curves")).items():
            look = to_hex(line.get_color()), line.get_marker(), line.get_linestyle()
            seen.setdefault(gid.split(":")[-1], set()).add(look)
    assert len(seen) == 5
    assert all(len(variants) == 1 for variants in seen.values())
    assert len({next(iter(v))[0] for v in seen.values()}) == 5
    assert next(iter(seen["sgd"])) == ("#0072b2", "o", "-")
    assert next(iter(seen["momentum-0.9"])) == ("#d55e00", "s", "--")


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
