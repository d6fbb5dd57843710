"""Words on the sheet: what must be there, and that nothing is cut off or on top of another."""

from itertools import combinations, pairwise

import numpy as np
import pyarrow.compute as pc
import pytest
from laid_out import FIGURES, draw_in_memory
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.figures.captions import caption
from largebatch.figures.draw import picture
from largebatch.figures.face import most_seeds, rate_label, spread
from largebatch.figures.marks import on_scale
from largebatch.figures.points import curves_at
from largebatch.figures.sheet import TALLY_ROW, new_sheet
from largebatch.figures.style import private_style
from largebatch.records import read_artefact
from largebatch.study import load_study


def boxes(texts, renderer):
    return [t.get_window_extent(renderer) for t in texts if t.get_text() and t.get_visible()]


def tick_labels(axis):
    """Those within the limits of the axis: only they are drawn."""
    low, high = sorted(axis.get_view_interval())
    ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
    return [label for place, label in ticks if low <= place <= high]


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_leaves_the_sheet(drawn, figure):
    sheet = drawn[figure].sheet.figure
    renderer = sheet.canvas.get_renderer()
    whole = sheet.bbox
    axes = [ax for row in drawn[figure].sheet.axes for ax in row]
    texts = [*sheet.texts, *(t for legend in sheet.legends for t in legend.get_texts())]
    for ax in axes:
        texts += [ax.xaxis.label, ax.yaxis.label, *ax.texts]
        texts += [*tick_labels(ax.xaxis), *tick_labels(ax.yaxis)]
    assert len(texts) > 40
    for box in boxes(texts, renderer):
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1, box
        assert whole.y0 <= box.y0 and box.y1 <= whole.y1, box


@pytest.mark.parametrize("figure", FIGURES)
def test_labels_do_not_touch(drawn, figure):
    sheet = drawn[figure].sheet.figure
    renderer = sheet.canvas.get_renderer()
    for ax in [ax for row in drawn[figure].sheet.axes for ax in row]:
        along, up = (boxes(tick_labels(axis), renderer) for axis in (ax.xaxis, ax.yaxis))
        assert len(up) >= 2
        for left, right in pairwise(along):
            assert left.x1 < right.x0
        for one, other in combinations(up, 2):
            assert one.y1 < other.y0 or other.y1 < one.y0
        label = ax.yaxis.label.get_window_extent(renderer)
        assert all(label.x1 < box.x0 for box in up)
        label = ax.xaxis.label.get_window_extent(renderer)
        if ax.get_xlabel():
            assert all(label.y1 < box.y0 for box in along)


@pytest.mark.parametrize("figure", FIGURES)
def test_panels_keep_clear_of_each_others_words(drawn, figure):
    sheet = drawn[figure].sheet
    renderer = sheet.figure.canvas.get_renderer()
    for row in sheet.axes:
        for left, right in pairwise(row):
            words = right.yaxis.label.get_window_extent(renderer)
            room = 0.1 if "\n" in right.get_ylabel() else 0.03  # inches
            assert left.get_window_extent(renderer).x1 + room * sheet.figure.dpi < words.x0
    header = [box.y0 for box in boxes(sheet.figure.texts[: len(sheet.header)], renderer)]
    tallies = boxes([text for ax in sheet.axes[0] for text in ax.texts], renderer)
    assert all(box.y1 < min(header) for box in tallies)


def test_the_face_says_what_was_done(drawn):
    words = drawn["fig7"].words()
    assert "Auto-encoder on MNIST, batch 64" in words
    assert "mnist · auto-encoder 1000-500-250-30 · batch 64 · 256 epochs · 5 seeds" in words
    assert any("mean ± standard deviation over seeds" in line for line in words)
    assert any("k of n seeds diverged" in line for line in words)


def test_an_optimum_at_the_end_of_the_grid_is_called_that(paper, root):
    """A better rate may lie beyond, so the reader must know."""
    artefact = read_artefact(root / "results/paper/tables/fig1.parquet")
    settings, rows = paper.figure_settings("fig1"), artefact.table.to_pylist()
    (sweep,), best = settings["sweeps"], curves_at(rows)
    whole = sorted(sweep["effective_lrs"])
    assert whole[0] < best < whole[-1]
    ends = {"": whole, ", the last rate of the grid": [lr for lr in whole if lr <= best],
            ", the first rate of the grid": [lr for lr in whole if lr >= best],
            ", the only rate of the grid": [best]}  # fmt: skip
    for words, grid in ends.items():
        sweep["effective_lrs"] = grid
        kept = artefact.table.filter(pc.field("effective_lr").isin(grid))
        with private_style():
            sheet = picture(kept, settings, {"present": 1, "planned": 1})
        legend = [text.get_text() for text in sheet.figure.legends[0].get_texts()]
        assert f"optimum {rate_label(best)}{words} (curves below)" in legend
        assert f"training at {rate_label(best)}{words}, where" in caption(settings, rows)


def test_one_seed_has_no_spread(drawn):
    """Even if the study has more seeds, but only one is there."""
    settings, rows = drawn["fig7"].settings, drawn["fig7"].rows
    one = [row | {"n": int(row["n"] > 0), "diverged": int(row["n"] == 0)} for row in rows]
    said = spread(most_seeds(one)), caption(settings, one)
    assert all("single seed" in words and "deviation" not in words for words in said)
    assert most_seeds(rows) == 5


def test_the_caption_says_which_metric_decides_the_optimum(drawn):
    said = caption(drawn["fig1"].settings, drawn["fig1"].rows)
    assert "final training loss and test accuracy against" in said
    assert "where the final test accuracy is best among the rates without divergence" in said


def test_without_curves_the_caption_names_no_optimum(drawn):
    finals = [row for row in drawn["fig1"].rows if row["panel"] == "sweep"]
    assert caption(drawn["fig1"].settings, finals).endswith("so no rate is called the optimum.")


def test_seeds_that_diverged_are_seeds():
    rows = [{"n": 3, "diverged": 2}, {"n": 4, "diverged": 0}]
    assert most_seeds(rows) == 5 and most_seeds(rows[1:]) == 4


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (0.25, "1/4"),
        (2**-9, "1/512"),
        (1, "1"),
        (4, "4"),
        (0.3, "0.3"),
        (0.000625, "0.000625"),
        (0.00015625, "1.56e−4"),
    ],
)
def test_a_rate_is_short_and_a_power_of_two_a_fraction(lr, words):
    assert rate_label(lr) == words


@pytest.mark.parametrize("figure", FIGURES)
def test_no_mark_is_explained_twice(drawn, figure):
    notes = drawn[figure].sheet.notes
    assert notes and len(set(notes)) == len(notes)


def test_a_row_has_room_for_the_panel_with_most_tallies():
    heights = []
    for tallies in ((1, 3), (3, 0), (1, 0)):
        with private_style():
            sheet = new_sheet(1, 2, title="T")
        sheet.tallies = dict(zip(sheet.axes[0], tallies, strict=True))
        heights.append(sheet.finish([]).get_figheight())
    assert heights[0] == heights[1] == pytest.approx(heights[2] + 2 * TALLY_ROW / 72)


def test_marks_that_are_not_used_are_not_explained(drawn):
    assert any(row["diverged"] for row in drawn["fig1"].rows)
    shown = [(ax, line) for ax, lines, *_ in drawn["fig1"].sheet.shown for line in lines.values()]
    beyond = [on_scale(ax, line) | np.isnan(line.mean) for ax, line in shown]
    assert all(mask.all() for mask in beyond)
    words = " ".join(drawn["fig1"].words())
    assert "diverged" in words and "arrowhead" not in words


@pytest.mark.parametrize("figure", ["fig3", "fig7"])
def test_a_figure_without_a_run_says_so_in_every_panel(tmp_path, figure):
    demo = load_study("demo")
    write_figure_table(demo, figure, tmp_path, unfinished=True)
    drawn = draw_in_memory(demo, figure, tmp_path)
    for ax in drawn.sheet.axes.flat:
        assert "no run yet" in [text.get_text() for text in ax.texts] and not ax.axison
    assert caption(drawn.settings, drawn.rows).endswith(": no run yet.")


def test_notice_and_unfinished_stand_on_the_face(tmp_path):
    demo = load_study("demo")
    write_runs(demo, tmp_path, ["fig2"])
    runs = demo.runs_of("fig2")
    (tmp_path / runs[0].path).unlink()
    write_figure_table(demo, "fig2", tmp_path, unfinished=True)
    words = draw_in_memory(demo, "fig2", tmp_path).words()
    assert demo.notice in words
    assert f"UNFINISHED: {len(runs) - 1} of {len(runs)} runs" in words
