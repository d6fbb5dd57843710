"""The picture of measurements: each panel has its own batch, optimizer, rate and epoch."""

import pyarrow as pa
import pytest
from matplotlib.figure import Figure

from largebatch.analysis.measure.files import SCHEMA
from largebatch.figures.plates.measured import measured_picture
from largebatch.figures.style import private_style
from largebatch.study import load_study

SETTINGS = load_study("demo").figure_settings("fig3")
BATCHES = [sweep["batch"] for sweep in SETTINGS["sweeps"]]
OPTIMIZERS = ("sgd", "momentum-0.9")
CURVATURES = (("h_max", 3), ("batch_sharpness", 6))
NOISE = (("noise_trace", 10), ("noise_scale", 15), ("excess_kurtosis", 20))
METRIC = f"final_{SETTINGS['figure']['metrics'][0]}"


def row(quantity: str, value: float, **which) -> dict:
    return dict.fromkeys(SCHEMA.names) | {"quantity": quantity, "value": value} | which


def rows() -> list[dict]:
    """No two values are alike, so that what is drawn where can be told."""
    found = []
    for k, sweep in enumerate(SETTINGS["sweeps"]):
        least, best = sorted(sweep["effective_lrs"])[0::2][:2]
        of = {"task": sweep["task"], "batch": sweep["batch"]}
        for j, name in enumerate(OPTIMIZERS):
            one = of | {"optimizer": name}
            found.append(row("limit", 1 + k + 0.1 * j, **one))
            for lr in (least, best):
                found.append(row(METRIC, 2 + k + 0.1 * j + 0.01 * lr, **one, effective_lr=lr))
                for epoch in (1, 5):
                    at = one | {"effective_lr": lr, "epoch": epoch, "seed": 0}
                    for quantity, base in CURVATURES:
                        found.append(row(quantity, base + k + j + 0.1 * epoch + 0.01 * lr, **at))
                    for quantity, base in NOISE:
                        for size in (4, 16):
                            value = base + k + j + 0.1 * epoch + 0.001 * size
                            at |= {"probe_batch": size}
                            found.append(row(quantity, value, **at, normalization="batch"))
    return found


def picture(of: list[dict], settings: dict = SETTINGS) -> Figure:
    with private_style():
        return measured_picture(pa.Table.from_pylist(of, schema=SCHEMA), settings)


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


@pytest.fixture(scope="module")
def panels() -> dict[int, list]:
    """{batch: finals, h_max, batch sharpness, trace of the noise, its scale, excess kurtosis}."""
    axes = picture(rows()).axes
    return {batch: axes[6 * k : 6 * k + 6] for k, batch in enumerate(BATCHES)}


def values(quantity: str, **which) -> list[float]:
    return [
        r["value"]
        for r in rows()
        if r["quantity"] == quantity and all(r[key] == value for key, value in which.items())
    ]


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_finals_and_limits_are_those_of_the_optimizer_at_this_batch(panels, batch, name):
    drawn = {line.get_gid(): line for line in panels[batch][0].lines}
    finals, limit = drawn[f"final:{batch}:{name}"], drawn[f"limit-{name}"]
    assert list(finals.get_ydata()) == values(METRIC, batch=batch, optimizer=name)
    assert set(limit.get_xdata()) == set(values("limit", batch=batch, optimizer=name))
    assert limit.get_color() == finals.get_color()
    assert sum(line.get_gid() == f"limit-{name}" for line in panels[batch][0].lines) == 1


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("panel", "quantity"), [(1, "h_max"), (2, "batch_sharpness")])
def test_curvature_at_the_smallest_rate_is_a_thin_line(panels, batch, panel, quantity):
    lines = panels[batch][panel].lines
    rates = sorted({r["effective_lr"] for r in rows() if r["batch"] == batch and r["epoch"]})
    at = [(name, lr) for name in OPTIMIZERS for lr in rates]
    for line, (name, lr) in zip(lines, at, strict=True):
        wanted = values(quantity, batch=batch, optimizer=name, effective_lr=lr)
        assert list(line.get_ydata()) == wanted and list(line.get_xdata()) == [1, 5]
        assert (line.get_linewidth() < 1) == (lr == rates[0])


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(
    ("panel", "quantity"), [(3 + k, quantity) for k, (quantity, _) in enumerate(NOISE)]
)
def test_noise_is_that_of_sgd_at_the_last_epoch(panels, batch, panel, quantity):
    rates = sorted({r["effective_lr"] for r in rows() if r["batch"] == batch and r["epoch"]})
    for line, lr in zip(panels[batch][panel].lines, rates, strict=True):
        which = {"batch": batch, "optimizer": "sgd", "epoch": 5, "effective_lr": lr}
        assert list(line.get_ydata()) == values(quantity, **which)
        assert list(line.get_xdata()) == [4, 16]
        assert (line.get_linewidth() < 1) == (lr == rates[0])


def test_curvatures_have_one_axis(panels):
    for batch in BATCHES:
        assert panels[batch][1].get_ylim() == panels[batch][2].get_ylim()


def test_a_normalization_is_named_once_though_it_has_a_line_for_each_rate():
    named = [text.get_text() for text in picture(rows()).legends[0].get_texts()]
    assert named.count("batch norm") == 1 and "ghost batch norm" not in named


def test_an_arrowhead_is_explained_where_there_is_one():
    far = [r | {"value": 1e5 * r["value"]} if k == 1 else r for k, r in enumerate(rows())]
    assert far != rows() and far[1]["quantity"] == METRIC
    for of, marked in ((rows(), False), (far, True)):
        figure = picture(of)
        ids = [line.get_gid() or "" for ax in figure.axes for line in ax.lines]
        assert any(id.endswith(":top") for id in ids) == ("arrowhead" in words(figure)) == marked


def test_a_final_accuracy_is_in_per_cent_like_its_label():
    settings = SETTINGS | {"figure": SETTINGS["figure"] | {"metrics": ["test_accuracy"]}}
    where = {"batch": BATCHES[0], "optimizer": "sgd", "effective_lr": 1.0}
    finals = picture([row("final_test_accuracy", 0.5, **where)], settings).axes[0]
    assert finals.get_ylabel() == "final test accuracy (%)"
    assert finals.yaxis.get_major_formatter()(0.5, 0) == "50"
