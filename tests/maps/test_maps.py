"""Maps of runs whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from largebatch.analysis.histories import History
from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.planned import maps_settings, stored_runs, task_metrics
from largebatch.analysis.maps.reach import common_target, reach_table
from largebatch.analysis.maps.task_runs import TaskRuns, read_task_runs
from largebatch.errors import UserError
from largebatch.figures.plates.heat import KEYS, heat_picture
from largebatch.figures.plates.maps import map_picture, map_tables, write_maps
from largebatch.figures.plates.over_batches import gap_picture, reach_picture
from largebatch.figures.style import private_style
from largebatch.records import write_table
from largebatch.study import load_study
from largebatch.training.history import Row, to_table

STEPS = {1: 100, 10: 10}  # an epoch, by batch
METRICS = {"t": ["train_loss", "test_loss"]}


Run = tuple[tuple[int, str, float], int, History]  # where among the runs of a task, seed


def stored(batch, optimizer, lr, seed, losses, diverged=False) -> Run:
    """A run with these training losses after epochs 1, 2, ...; the test loss is one more."""
    epochs = np.arange(len(losses) + 1)
    table = pa.table(
        {
            "epoch": epochs,
            "step": epochs * STEPS[batch],
            "train_loss": [None, *map(float, losses)],
            "test_loss": [9.0, *(1.0 + loss for loss in losses)],
            "seconds": [7.0, *[0.5] * len(losses)],
        }
    )
    return (batch, optimizer, lr), seed, History(diverged, table, {"name": "a run"})


def task(*runs: Run) -> TaskRuns:
    points = {}
    for point, seed, run in runs:
        points.setdefault(point, {})[seed] = run
    return TaskRuns("t", ("train_loss", "test_loss"), points)


@pytest.fixture
def known():
    """At B = 1 both are as good; at B = 10 SGD's best rate diverges for one seed."""
    return task(
        *(stored(1, "sgd", 0.1, s, [5, 2 + s]) for s in (0, 1)),
        *(stored(1, "sgd", 0.2, s, [9, 8 + s]) for s in (0, 1)),
        *(stored(1, "momentum-0.9", 0.1, s, [4, 2 + s]) for s in (0, 1)),
        *(stored(10, "sgd", 0.1, s, [9, 6 + s]) for s in (0, 1)),
        stored(10, "sgd", 1.0, 0, [1, 1]),
        stored(10, "sgd", 1.0, 1, [1, 1], diverged=True),
        *(stored(10, "momentum-0.9", 1.0, s, [3, 2 + s]) for s in (0, 1)),
    )


def test_gap_is_between_the_optima_that_no_seed_diverges_at(known):
    rows = {(r["metric"], r["batch"]): r for r in gap_table([known]).to_pylist()}
    assert rows["train_loss", 1]["mean"] == 0 and rows["train_loss", 10]["mean"] == 4
    assert rows["test_loss", 10]["mean"] == 4 and rows["test_loss", 10]["std"] == 0
    assert (rows["train_loss", 10]["sgd_lr"], rows["train_loss", 10]["momentum_lr"]) == (0.1, 1.0)


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
        _, right = gap_picture(gap_table([accurate]), {"t": accurate.metrics}, None).axes
    assert right.get_ylabel() == "gain in accuracy (% points)"
    assert [right.yaxis.get_major_formatter()(gain, 0) for gain in (0.2, -0.005)] == ["20", "−0.5"]


def test_gap_pairs_seeds(known):
    """A seed that only one of the two has counts for neither."""
    del known.points[10, "momentum-0.9", 1.0][1]
    row = next(r for r in gap_table([known]).to_pylist() if r["batch"] == 10)
    assert row["n"] == 1 and row["std"] is None and row["mean"] == 4


def test_target_is_what_every_batch_reaches_with_all_seeds(known):
    assert common_target(known) == 3
    rows = {(r["batch"], r["optimizer"], r["unit"]): r for r in reach_table([known]).to_pylist()}
    assert rows[1, "sgd", "steps"]["mean"] == 200
    assert rows[10, "momentum-0.9", "steps"]["mean"] == 10
    assert rows[10, "momentum-0.9", "seconds"]["mean"] == 0.5
    assert (10, "sgd", "steps") not in rows  # never there, or diverged


def test_the_fastest_rate_is_that_on_average_and_of_equal_ones_the_smaller():
    soon_or_late, steady = ([1, 1, 1, 1, 1], [9, 9, 9, 9, 1]), ([9, 9, 9, 1, 1], [9, 9, 9, 1, 1])
    rates = {0.4: steady, 0.2: soon_or_late, 0.1: ([9, 9, 9, 9, 1], [1, 1, 1, 1, 1])}
    runs = [stored(1, "sgd", lr, seed, losses) for lr, both in rates.items()
            for seed, losses in enumerate(both)]  # fmt: skip
    steps, seconds = reach_table([task(*runs)]).to_pylist()
    assert steps["effective_lr"] == seconds["effective_lr"] == 0.1
    assert steps["mean"] == (100 + 500) / 2


def test_batches_ascend_in_whichever_order_runs_are_stored():
    runs = task(*(stored(batch, "sgd", 0.1, 0, [1]) for batch in (10, 1)))
    assert replace(runs, points={(64, "sgd", 0.1): {}, (8, "sgd", 0.1): {}}).batches == [8, 64]
    line = [r for r in heat_table([runs], []).to_pylist() if r["quantity"] == "temperature"]
    assert [(r["batch"], r["effective_lr"]) for r in line] == [(1, 0.1), (10, pytest.approx(1.0))]


def test_no_target_where_a_batch_always_diverges(known):
    for seeds in (v for k, v in known.points.items() if k[0] == 10):
        for seed, run in seeds.items():
            seeds[seed] = replace(run, diverged=True)
    assert common_target(known) == np.inf and reach_table([known]).num_rows == 0


def test_heat_counts_divergences_and_scales_the_optimum_with_the_batch(known):
    rows = heat_table([known], []).to_pylist()
    one = next(r for r in rows if (r["batch"], r["optimizer"], r["effective_lr"]) == (10, "sgd", 1))
    assert (one["mean"], one["n"], one["diverged"]) == (1, 1, 1)
    line = {r["batch"]: r["effective_lr"] for r in rows if r["quantity"] == "temperature"}
    assert line == {1: 0.1, 10: pytest.approx(1.0)}


def test_heat_takes_measured_limits_over(known):
    limit = {"quantity": "limit", "task": "t", "batch": 1, "optimizer": "sgd", "value": 7.0}
    rows = heat_table([known], [pa.Table.from_pylist([limit])]).to_pylist()
    assert [r["effective_lr"] for r in rows if r["quantity"] == "limit"] == [7.0]


def test_a_sweep_that_two_figures_show_has_one_limit(known):
    limits = [
        {"quantity": "limit", "task": "t", "batch": 1, "optimizer": "sgd", "value": value}
        for value in (7.0, 8.0)
    ]
    rows = heat_table([known], [pa.Table.from_pylist([limit]) for limit in limits]).to_pylist()
    assert [r["effective_lr"] for r in rows if r["quantity"] == "limit"] == [7.0]


def test_heat_takes_measured_onsets_over_too_and_nothing_else(known):
    row = {"quantity": "onset", "task": "t", "batch": 1, "optimizer": "sgd", "value": 3.0}
    rows = heat_table([known], [pa.Table.from_pylist([row, row | {"quantity": "h_max"}])])
    assert [r["effective_lr"] for r in rows.to_pylist() if r["quantity"] == "onset"] == [3.0]
    assert "h_max" not in rows["quantity"].to_pylist()


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


def test_the_gain_names_its_unit_and_its_sign(known):
    table = gap_table([known])
    renamed = pc.replace_substring(table["metric"], "train_loss", "train_perplexity")
    table = table.set_column(table.schema.get_field_index("metric"), "metric", renamed)
    with private_style():
        figure = gap_picture(table, {"t": ["train_perplexity", "test_loss"]}, None)
    assert [ax.get_ylabel() for ax in figure.axes] == ["gain in perplexity", "gain in loss"]
    words = " ".join(text.get_text() for text in figure.texts)
    assert "gain: SGD's loss or perplexity minus that of momentum" in words


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
    darkness = [sum(keys[words][:3]) for words in KEYS.values()]
    assert darkness == sorted(darkness) and len(set(darkness)) == len(KEYS)
    assert darkness[1] < sum(drawn[sgd, 0.2, 1.0][:3]) < darkness[2]  # 8.5 times


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


@pytest.mark.parametrize(
    ("picture", "table", "column"),
    [(gap_picture, gap_table, "metric"), (reach_picture, reach_table, "unit")],
)
def test_lines_over_batches_are_the_table(known, picture, table, column):
    made = table([known, replace(known, name="u")])
    means = pa.array(np.arange(1.0, len(made) + 1))  # no two alike, to be told apart
    made = made.set_column(made.schema.get_field_index("mean"), "mean", means)
    kinds = METRICS["t"] if column == "metric" else ["steps", "seconds"]
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


def test_pictures_of_known_runs(known):
    with private_style():
        gap = gap_picture(gap_table([known]), METRICS, None)
        heat = heat_picture(heat_table([known], []), METRICS, "a notice")
        reach = reach_picture(reach_table([known]), METRICS, None)
    assert [len(figure.axes) for figure in (gap, heat, reach)] == [2, 2, 2]


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


def test_stored_runs_are_read_with_their_times(tmp_path):
    study = load_study("demo")
    run = study.runs_of("fig7")[0]
    table = pa.table(
        {
            "epoch": pa.array(range(13), pa.int32()),
            "step": [22 * epoch for epoch in range(13)],
            "train_loss": [None, *[3.0] * 11, 2.0],
            "test_loss": [9.0, *[3.5] * 11, 2.5],
            "seconds": [0.1, *[2.0] * 12],
        }
    )
    record = {"name": run.path, "status": "finished", "settings": study.spec(run)}
    write_table(tmp_path / run.path, table, record)
    stored = stored_runs(study, tmp_path)
    (found,), inputs = read_task_runs(study, stored, tmp_path)
    kept = found.points[run.batch, run.optimizer, run.lr][run.seed]
    assert kept.elapsed.tolist() == list(range(0, 25, 2)) and kept.final("train_loss") == 2
    assert [source["name"] for source in inputs] == [run.path]
    planned = len({run for figure in study.figures for run in study.runs_of(figure)})
    assert maps_settings(study, stored)["runs"] == {"present": 1, "planned": planned}


def test_runs_that_no_figure_shows_do_not_finish_the_maps():
    study = load_study("demo")
    off = next(sweep for sweep in study.sweeps.values() if not sweep.enabled)
    shown, more = study.runs_of("fig7")[0], off.runs("demo")[0]
    found = maps_settings(study, {shown.task: [shown], off.task: [more]})
    assert found["runs"]["present"] == 1


def test_measured_limits_are_on_the_map_and_among_what_it_is_made_from(tmp_path):
    study = load_study("demo")
    run = study.runs_of("fig7")[0]
    limit = {"quantity": "limit", "task": run.task, "batch": run.batch, "optimizer": "sgd"}
    table = pa.Table.from_pylist([limit | {"value": 7.0}])
    name = "results/demo/measured/fig7.parquet"
    settings = study.figure_settings("fig7")
    write_table(tmp_path / name, table, {"name": name, "settings": settings})
    rows = [Row(e, 22 * e, 0.1, 3.0 if e else None, 3.0, None, None, 1.0) for e in range(13)]
    record = {"name": run.path, "status": "finished", "settings": study.spec(run)}
    write_table(tmp_path / run.path, to_table(rows), record)
    tables, inputs = map_tables(study, stored_runs(study, tmp_path), tmp_path)
    limits = tables["heat"].filter(pc.field("quantity") == "limit")
    assert limits["effective_lr"].to_pylist() == [7.0]
    assert [source["name"] for source in inputs] == [run.path, name]


def test_the_metrics_are_the_model_s_whatever_a_figure_shows():
    """The lowest accuracy would be no target, and one metric twice no pair."""
    study = load_study("demo")
    changed = {
        name: replace(figure, metrics=("train_accuracy",)) for name, figure in study.figures.items()
    }
    expected = task_metrics(study)
    assert expected["wrn-10-1_digits"] == ("train_loss", "test_accuracy")
    assert task_metrics(replace(study, figures=changed)) == expected


def test_a_map_of_some_runs_says_so():
    settings = {"notice": "tiny", "metrics": {}, "runs": {"present": 3, "planned": 4}}
    whole = settings | {"runs": {"present": 4, "planned": 4}}
    assert map_picture("gap", settings).keywords["notice"] == "tiny · UNFINISHED: 3 of 4 runs"
    assert map_picture("gap", whole).keywords["notice"] == "tiny"
    assert map_picture("gap", whole | {"notice": None}).keywords["notice"] is None


def test_without_runs_a_sentence(tmp_path):
    with pytest.raises(UserError, match="there are no runs"):
        write_maps(load_study("demo"), tmp_path)
