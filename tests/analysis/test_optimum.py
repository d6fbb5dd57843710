"""The rule that picks the learning rate whose curves are shown."""

import pytest

from largebatch.analysis.optimum import optimum


def point(lr: float, mean: float | None, n: int = 5, diverged: int = 0, metric="test_loss") -> dict:
    return {"metric": metric, "effective_lr": lr, "mean": mean, "n": n, "diverged": diverged}


@pytest.mark.parametrize(
    ("metric", "best"),
    [("test_accuracy", 2), ("train_accuracy", 2), ("test_loss", 1), ("test_perplexity", 1)],
)
def test_accuracies_are_best_when_large_all_else_when_small(metric, best):
    points = [
        point(1, 0.1, metric=metric),
        point(2, 0.3, metric=metric),
        point(4, 0.2, metric=metric),
    ]
    assert optimum(points, metric) == best


def test_only_the_asked_metric_counts():
    assert (
        optimum([point(1, 0.1), point(2, 0.2), point(4, 0.0, metric="train_loss")], "test_loss")
        == 1
    )


def test_all_optimizers_compete():
    sgd = [point(1, 0.3), point(2, 0.5)]
    momentum = [point(1, 0.3), point(2, 0.2)]
    assert optimum(sgd + momentum, "test_loss") == 2


def test_one_seed_is_enough_and_so_is_a_twin_that_has_none():
    assert optimum([point(1, 0.3, n=1), point(2, 0.2, n=1)], "test_loss") == 2
    assert optimum([point(1, 0.3, n=0), point(2, 0.2, n=0)], "test_loss") == 2


def test_of_equal_points_the_smaller_rate():
    for points in ([point(4, 0.1), point(2, 0.1)], [point(2, 0.1), point(4, 0.1)]):
        assert optimum(points, "test_loss") == 2


def test_one_diverged_seed_disqualifies_a_point_but_not_its_rate():
    lucky = point(8, 0.01, n=4, diverged=1)
    assert optimum([point(4, 0.2), lucky], "test_loss") == 4
    assert optimum([point(4, 0.2), lucky, point(8, 0.1)], "test_loss") == 8


def test_none_where_every_point_has_a_divergence():
    points = [point(1, 0.1, n=4, diverged=1), point(2, None, n=0, diverged=5)]
    assert optimum(points, "test_loss") is None
    assert optimum([], "test_loss") is None
