"""The maps as pictures, over batch sizes, and what their faces say."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from known_runs import METRICS, stored, task

from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.reach import reach_table
from largebatch.errors import UserError
from largebatch.figures.plates.heat import heat_picture
from largebatch.figures.plates.maps import map_picture, write_maps
from largebatch.figures.plates.over_batches import gap_picture, reach_picture
from largebatch.figures.style import private_style
from largebatch.study import load_study


def test_a_gain_is_above_0_where_momentum_is_better_whatever_the_metric(known):
    """The same runs, with accuracies that order them as their losses do."""
    for seeds in known.points.values():
        for seed, run in seeds.items():
            accuracy = pa.array(1 - run.values("test_loss") / 20)
            table = run.table.append_column("test_accuracy", accuracy)
            seeds[seed] = replace(run, table=table)
    accurate = replace(known, metrics=("train_loss", "test_accuracy"))
    rows = {(r["metric"], r["batch"]): r["mean"] for r in gap_table([accurate]).to_pylist()}
    assert rows["train_loss", 10] == 4
    assert rows["test_accuracy", 10] == pytest.approx(4 / 20)
    with private_style():
        units = dict(zip(accurate.metrics, ("cross-entropy", "%"), strict=True))
        _, right = gap_picture(gap_table([accurate]), {"t": units}, None).axes
    assert right.get_ylabel() == "gain (% points)"
    assert [right.yaxis.get_major_formatter()(gain, 0) for gain in (0.2, -0.005)] == ["20", "−0.5"]


def test_the_gain_names_its_unit_and_its_sign(known):
    table = gap_table([known])
    renamed = pc.replace_substring(table["metric"], "train_loss", "train_perplexity")
    table = table.set_column(table.schema.get_field_index("metric"), "metric", renamed)
    with private_style():
        units = {"train_perplexity": "", "test_loss": "squared error"}
        figure = gap_picture(table, {"t": units}, None)
    assert [ax.get_ylabel() for ax in figure.axes] == ["gain in perplexity", "gain (squared error)"]
    words = " ".join(text.get_text() for text in figure.texts)
    assert "gain: SGD's loss or perplexity minus that of momentum" in words


def test_pictures_of_runs_that_all_diverge():
    tasks = [task(stored(10, "sgd", 0.1, 0, [1], diverged=True))]
    with private_style():
        gap = gap_picture(gap_table(tasks), METRICS, None)
        reach = reach_picture(reach_table(tasks), METRICS, None)
        heat, _ = heat_picture(heat_table(tasks, []), METRICS, None).axes
    crosses = [line.get_xydata().tolist() for line in heat.lines if line.get_marker() == "x"]
    assert crosses == [[[0.1, 10]]] * 2
    for empty in (gap, reach):  # names the task and says why
        assert not empty.axes and "not shown: t (" in empty.texts[-1].get_text()


def test_a_task_without_a_row_is_named_on_the_face(known):
    metrics = METRICS | {"u": METRICS["t"], "v": METRICS["t"]}
    with private_style():
        gap = gap_picture(gap_table([known]), metrics, None)
        reach = reach_picture(reach_table([known]), metrics, None)
    words = [" ".join(text.get_text() for text in figure.texts) for figure in (gap, reach)]
    assert "not shown: u, v (at no batch do both have a rate" in words[0]
    assert "not shown: u, v (at some batch, seeds diverge" in words[1]
    assert not any("not shown: t" in said for said in words)


@pytest.mark.parametrize(
    ("picture", "table"), [(gap_picture, gap_table), (reach_picture, reach_table)]
)
def test_optimizers_that_a_task_lacks_are_named_on_the_face(picture, table):
    """Every row has the same legend, so they are drawn nowhere."""
    runs = [stored(1, name, 0.1, s, [2 + s]) for s in (0, 1) for name in ("sgd", "momentum-0.9")]
    other = [stored(1, "nesterov-0.9", 0.1, s, [2 + s]) for s in (0, 1)]
    both, lacking, apart = task(*runs, *other), task(*runs), task(*runs[::2], *other)
    words, panels = [], []
    for first, second in [(both, lacking), (lacking, apart)]:
        tasks = [first, replace(second, name="u")]
        with private_style():
            figure = picture(table(tasks), METRICS | {"u": METRICS["t"]}, None)
        words.append(" ".join(text.get_text() for text in figure.texts))
        panels.append([text.get_text() for ax in figure.axes for text in ax.texts])
    assert "not shown: Nesterov 0.9 (not in every task)" in words[0] and not any(panels[0])
    assert "momentum 0.9, Nesterov 0.9 (not in every task)" in words[1]
    if picture is gap_picture:
        assert panels[1] == ["no optimizer that every task has"] * 4


def test_a_metric_without_a_row_is_said_in_its_panel(known):
    table = gap_table([known])
    only = table.filter(pc.field("metric") == "test_loss")
    with private_style():
        left, right = gap_picture(only, METRICS, None).axes
    assert not left.lines and "at no batch" in left.texts[0].get_text()
    assert right.get_title(loc="left") == "t, test loss" and right.lines


def test_a_map_of_some_runs_says_so():
    settings = {"notice": "tiny", "metrics": {}, "runs": {"present": 3, "planned": 4}}
    whole = settings | {"runs": {"present": 4, "planned": 4}}
    assert map_picture("gap", settings).keywords["notice"] == "tiny · UNFINISHED: 3 of 4 runs"
    assert map_picture("gap", whole).keywords["notice"] == "tiny"
    assert map_picture("gap", whole | {"notice": None}).keywords["notice"] is None


def test_without_runs_a_sentence(tmp_path):
    with pytest.raises(UserError, match="there are no runs"):
        write_maps(load_study("demo"), tmp_path)


@pytest.mark.parametrize(
    ("picture", "table", "column"),
    [(gap_picture, gap_table, "metric"), (reach_picture, reach_table, "unit")],
)
def test_lines_over_batches_are_the_table(known, picture, table, column):
    made = table([known, replace(known, name="u")])
    means = pa.array(np.arange(1.0, len(made) + 1))  # no two alike, to be told apart
    made = made.set_column(made.schema.get_field_index("mean"), "mean", means)
    kinds = METRICS["t"] if column == "metric" else ["updates", "seconds"]
    panels = [(task, kind) for task in "tu" for kind in kinds]
    with private_style():
        axes = picture(made, METRICS | {"u": METRICS["t"]}, None).axes
    drawn = 0
    for ax, panel in zip(axes, panels, strict=True):
        rows = [row for row in made.to_pylist() if (row["task"], row[column]) == panel]
        for container in ax.containers:
            line, _, (bars,) = container.lines
            for (batch, mean), bar in zip(line.get_xydata(), bars.get_segments(), strict=True):
                (row,) = [r for r in rows if (r["batch"], r["mean"]) == (batch, mean)]
                std = row["std"] or 0.0
                assert bar[:, 1].tolist() == pytest.approx([mean - std, mean + std])
                drawn += 1
    assert drawn == len(made)


def test_panels_over_batches_have_their_units_targets_and_the_line_of_no_gain(known):
    other = task(*(stored(b, "sgd", 0.1, 0, [5, 0.25]) for b in (1, 10)))
    metrics = METRICS | {"u": METRICS["t"]}
    with private_style():
        gap = gap_picture(gap_table([known]), METRICS, None)
        reach = reach_picture(reach_table([known, replace(other, name="u")]), metrics, None)
    for ax in gap.axes:
        assert [0, 0] in [list(line.get_ydata()) for line in ax.lines]
    assert [ax.get_ylabel() for ax in reach.axes] == 2 * ["updates", "seconds"]
    titles = [ax.get_title(loc="left") for ax in reach.axes]
    assert titles == 2 * ["t, to training loss 3"] + 2 * ["u, to training loss 0.25"]
