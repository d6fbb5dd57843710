"""The panels of a twin's picture: whose optimum is marked, and how far the axes reach."""

import pyarrow as pa
import pytest

from largebatch.analysis.long_form import SCHEMA
from largebatch.analysis.theory.planned import twin_settings
from largebatch.analysis.theory.twin import METRIC
from largebatch.figures.limits import EXACT_DECADES
from largebatch.figures.plates.twins import twin_picture
from largebatch.figures.style import private_style
from largebatch.study import load_study

PAPER = load_study("paper")


def picture(figure: str, losses: dict[tuple[int, float], float], best: float | None = None):
    """Of SGD's final losses by (batch, rate); its curve at `best` is 2, then 1."""
    of = {"metric": METRIC, "optimizer": "sgd", "momentum": 0.0, "std": None}
    of |= {"n": 0, "diverged": 0}
    rows = [
        of | {"panel": "sweep", "batch": b, "effective_lr": lr, "epoch": None, "mean": loss}
        for (b, lr), loss in losses.items()
    ]
    for epoch, loss in enumerate([2.0, 1.0] if best else []):
        place = {"batch": next(iter(losses))[0], "effective_lr": best}
        rows.append(of | {"panel": "curves", "epoch": epoch, "mean": loss} | place)
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    with private_style():
        return twin_picture(table, twin_settings(PAPER, figure))


def test_the_stripe_is_at_the_twin_s_optimum_and_the_triangle_at_the_paper_s():
    left, right = picture("fig1", {(32, 0.5): 2.0, (32, 1.0): 1.0}, best=1.0).axes
    marks = {line.get_gid(): line.get_xdata()[0] for line in left.lines}
    assert (marks["optimum"], marks["paper"]) == (1.0, PAPER.figures["fig1"].paper_optimum)
    assert right.get_xlabel().endswith(" 1")


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_losses_within_some_decades_of_the_best_are_shown(share):
    far = share * 10.0**EXACT_DECADES
    left, _ = picture("fig1", {(32, 0.5): 1.0, (32, 1.0): far}, best=0.5).axes
    low, high = left.get_ylim()
    assert low < 1 and (high > far) == (share < 1)


def test_panels_of_two_batches_have_one_axis():
    small, large = (PAPER.sweeps[name].batch for name in PAPER.figures["fig3"].sweeps)
    axes = picture("fig3", {(small, 1.0): 0.01, (large, 1.0): 10.0}).axes
    assert axes[0].get_ylim() == axes[1].get_ylim()
