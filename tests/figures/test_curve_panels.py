"""What only some panels have: marks of the curves alone, axes that one bad rate does not squash."""

import pyarrow as pa
import pytest

from largebatch.figures.draw import picture
from largebatch.figures.style import private_style
from largebatch.records import read_artefact


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
