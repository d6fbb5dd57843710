"""The heat map: squares, crosses, keys and words."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from known_runs import METRICS, stored, task

from largebatch.analysis.maps.heat import heat_table
from largebatch.figures.plates.heat import heat_picture
from largebatch.figures.style import private_style

LIGHTER = np.geomspace(1, 8.5, 4)[1:]


def test_heat_names_a_limit_and_a_line_only_where_there_is_one(known):
    limit = {"quantity": "limit", "task": "t", "batch": 1, "optimizer": "sgd", "value": 7.0}
    always = task(stored(10, "sgd", 0.1, 0, [1], diverged=True))
    names = {
        "line": "ε / (1 − m) = T B, from SGD's optimum",
        "limit": "measured stability limit, if on the axis",
    }
    one = task(stored(10, "sgd", 0.1, 0, [1]))  # a line needs two batches
    tables = {
        "line limit": heat_table([known], [pa.Table.from_pylist([limit])]),
        "line": heat_table([known], []),
        "": heat_table([always], []),
        " ": heat_table([one], []),
    }
    for shown, table in tables.items():
        with private_style():
            legends = heat_picture(table, METRICS, None).legends
        words = [text.get_text() for legend in legends for text in legend.get_texts()]
        assert [w for w in words if w in names.values()] == [names[n] for n in shown.split()]


def test_heat_says_which_optimizers_it_has_no_panel_for(known):
    """SGD and the smallest momentum have one, whatever their order among the runs."""
    more = [stored(10, f"momentum-{m}", 0.1, 0, [1]) for m in ("0.999", "0.99")]
    points = {**task(*more).points, **known.points}
    figures = {}
    with private_style():
        for optimizers, runs in {"two": known, "four": replace(known, points=points)}.items():
            figures[optimizers] = heat_picture(heat_table([runs], []), METRICS, None)
    said = {
        name: " ".join(text.get_text() for text in each.texts) for name, each in figures.items()
    }
    assert "not shown" not in said["two"]
    assert "not shown: t with momentum 0.99, momentum 0.999 (a row has room for" in said["four"]
    for figure in figures.values():
        named = [ax.get_title(loc="left") for ax in figure.axes]
        assert named == ["SGD on t, training loss", "momentum 0.9 on t"]


def test_the_best_of_a_task_is_not_named_beside_one_optimizer(known):
    """It may be another's, so it stands below; a task that always diverges has none."""
    always = replace(task(stored(10, "sgd", 0.1, 0, [1], diverged=True)), name="u")
    with private_style():
        figure = heat_picture(heat_table([known, always], []), METRICS | {"u": METRICS["t"]}, None)
    words = [text.get_text() for text in figure.texts]
    assert "each task's best, over all its optimizers: training loss 1 on t" in words
    assert not any("best" in ax.get_title(loc="left") for ax in figure.axes)


def test_heat_of_one_optimizer_says_why_a_panel_is_empty():
    with private_style():
        table = heat_table([task(stored(10, "sgd", 0.1, 0, [1]))], [])
        left, right = heat_picture(table, METRICS, None).axes
    assert left.lines and not left.texts
    assert [text.get_text() for text in right.texts] == ["no run of another optimizer"]


def test_a_limit_without_runs_has_no_panel(known):
    """The runs may have been deleted since."""
    limit = {"quantity": "limit", "task": "t", "batch": 1, "optimizer": "momentum-0.5", "value": 7}
    with private_style():
        table = heat_table([known], [pa.Table.from_pylist([limit])])
        _, right = heat_picture(table, METRICS, None).axes
    assert right.get_title(loc="left") == "momentum 0.9 on t"


def test_heat_has_keys_of_its_colours(known):
    with private_style():
        figure = heat_picture(heat_table([known], []), METRICS, None)
    legend = figure.legends[0]
    handles = zip(legend.get_texts(), legend.legend_handles, strict=True)
    keys = {text.get_text(): handle.get_markerfacecolor() for text, handle in handles}
    squares = [line for ax in figure.axes for line in ax.lines if line.get_gid() == "mean"]
    drawn = {(line.axes, *map(float, line.get_xydata()[0])): line.get_markerfacecolor()
             for line in squares}  # fmt: skip
    sgd, _ = figure.axes
    assert drawn[sgd, 1.0, 10.0] == keys["the task's best"]  # of a loss of 1
    words = ["the task's best", *(f"{times:.2g} times that" for times in LIGHTER)]
    darkness = [sum(keys[said][:3]) for said in words]
    assert darkness == sorted(darkness) and len(set(darkness)) == len(words)
    assert drawn[sgd, 0.2, 1.0] == keys["8.5 times that"]  # the worst of the task


@pytest.mark.parametrize(
    ("worst", "words"), [(1.0, "1.1 times that"), (9.0, "9 times that"), (90.0, "30 times or more")]
)
def test_the_scale_of_colours_reaches_as_far_as_the_data_up_to_a_point(worst, words):
    runs = task(stored(10, "sgd", 0.1, 0, [1]), stored(10, "sgd", 0.2, 0, [worst]))
    with private_style():
        (legend,) = heat_picture(heat_table([runs], []), METRICS, None).legends
    assert [text.get_text() for text in legend.get_texts()][3] == words


def test_heat_says_what_a_cross_is_only_if_there_is_one(known):
    one = task(stored(1, "sgd", 0.1, 0, [1]), stored(10, "sgd", 0.1, 0, [1]))
    said = []
    for runs in (known, one):
        with private_style():
            (legend,) = heat_picture(heat_table([runs], []), METRICS, None).legends
        said.append([t.get_text() for t in legend.get_texts() if "diverged" in t.get_text()])
    assert said == [["seeds diverged (on a square: some)"], []]


def test_heat_has_a_tick_at_every_rate(known):
    with private_style():
        for ax in heat_picture(heat_table([known], []), METRICS, None).axes:
            assert list(ax.get_xticks()) == [0.1, 0.2, 1.0]
            assert ax.xaxis.get_transform().base == 2
            low, high = ax.get_ylim()
            assert low < 1 and high > 10  # of the batches


def test_heat_marks_where_some_seeds_diverged(known):
    with private_style():
        left, right = heat_picture(heat_table([known], []), METRICS, None).axes
    crosses = [line.get_xydata().tolist() for ax in (left, right) for line in ax.lines
               if line.get_gid() == "diverged"]  # fmt: skip
    assert crosses == [[[1.0, 10]]] * 2 + [[]] * 2  # on a white one, for dark squares


def test_heat_draws_each_optimizer_s_own_limit_and_the_line_of_both(known):
    """Whatever the order in which figures were measured."""
    values = {("sgd", 10): 5.0, ("sgd", 1): 7.0, ("momentum-0.9", 1): 9.0}
    limits = [
        {"quantity": "limit", "task": "t", "batch": batch, "optimizer": name, "value": value}
        for (name, batch), value in values.items()
    ]
    with private_style():
        axes = heat_picture(heat_table([known], [pa.Table.from_pylist(limits)]), METRICS, None).axes
    drawn = [{a.get_gid(): a.get_xydata().tolist() for a in ax.lines} for ax in axes]
    assert [lines["limit"] for lines in drawn] == [[[7, 1], [5, 10]], [[9, 1]]]
    for lines in drawn:
        assert lines["temperature"] == [[0.1, 1], [pytest.approx(1.0), 10]]


def test_colours_of_heat_tell_how_many_times_the_best_a_loss_is(known):
    table = heat_table([known], [])
    times_seven = pc.multiply(table["mean"], 7.0)
    scaled = table.set_column(table.schema.get_field_index("mean"), "mean", times_seven)
    colours = []
    for each in (table, scaled):
        with private_style():
            axes = heat_picture(each, METRICS, None).axes
        squares = [line for ax in axes for line in ax.lines if line.get_gid() == "mean"]
        colours.append([square.get_markerfacecolor() for square in squares])
    assert colours[0] == colours[1] and len(set(colours[0])) > 1
