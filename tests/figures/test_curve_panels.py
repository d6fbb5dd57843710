"""What only some panels have: marks of the curves alone, axes that one bad rate does not squash."""

import pytest
from laid_out import Drawn, draw_in_memory


def changed(paper, root, change) -> Drawn:
    """Figure 1 after `change(row)` of each row of SGD's curves."""

    def of_sgd(row):
        if (row["panel"], row["optimizer"]) == ("curves", "sgd"):
            change(row)

    return draw_in_memory(paper, "fig1", root, of_sgd)


def test_divergences_along_curves_are_told_where_good_curves_are_not(paper, root):
    """Good losses are low, and good accuracies high."""
    sheet = changed(paper, root, lambda row: row.update(n=4, diverged=1)).sheet
    for ax, corner in zip(sheet.axes[1], (1, 0), strict=True):
        (text,) = ax.texts
        assert text.get_text() == "SGD: 1 of 5 seeds diverged" and text.xy[1] == corner


@pytest.mark.parametrize(
    ("metric", "mean", "words"),
    [("train_loss", 1e12, "the mean is beyond the axis"), ("test_accuracy", 0.99, "end at 0 and")],
)
def test_a_mark_that_only_the_curves_have_is_explained(paper, root, drawn, metric, mean, words):
    def change(row):
        if row["metric"] == metric:
            row.update(mean=mean if row["epoch"] > 150 else row["mean"], std=0.03)

    assert words in " ".join(changed(paper, root, change).words())
    assert words not in " ".join(drawn["fig1"].words())


def test_a_bad_rate_does_not_squash_the_final_accuracies_but_curves_are_whole(paper, root):
    seen = set()

    def change(row):
        """The first row of SGD in either panel."""
        of_sgd = (row["metric"], row["optimizer"]) == ("test_accuracy", "sgd")
        if of_sgd and row["panel"] not in seen:
            seen.add(row["panel"])
            row.update(mean=0.01, std=None, n=5, diverged=0)

    sheet = draw_in_memory(paper, "fig1", root, change).sheet
    top, bottom = (row[1].get_ylim()[0] for row in sheet.axes)
    assert bottom < 0.01 < 0.1 < top
