"""Learning rates at every boundary of the paper's schedules and of their alternatives."""

from pathlib import Path

import pytest

from largebatch.study import Schedule, load_study

REPOSITORY = Path(__file__).parents[2]
PAPER = load_study("paper", REPOSITORY)
WRN = PAPER.tasks["wrn-16-4_cifar10"].settings["schedule"]
LSTM = PAPER.tasks["lstm_ptb"].settings["schedule"]


@pytest.mark.parametrize(
    ("epoch", "drops"),
    [
        (1, 0),
        (99, 0),
        (100, 0),
        (101, 1),
        (110, 1),
        (111, 2),
        (120, 2),
        (190, 9),
        (191, 10),
        (200, 10),
    ],
)
def test_residual_network(epoch, drops):
    """Section 3: constant for 100 epochs, then halved every 10: ten drops."""
    assert Schedule(WRN).factor(epoch) == 2.0**-drops


@pytest.mark.parametrize(
    ("epoch", "drops"),
    [(1, 0), (100, 0), (101, 0), (110, 0), (111, 1), (120, 1), (121, 2), (200, 9)],
)
def test_residual_network_first_drop_after_an_interval(epoch, drops):
    """The other reading of "drops by 2 every 10 epochs for the remaining 100": nine drops."""
    other = Schedule(WRN | {"first_drop": "after_interval"})
    assert other.factor(epoch) == 2.0**-drops


@pytest.mark.parametrize(("epoch", "drops"), [(1, 0), (19, 0), (20, 0), (21, 1), (22, 2), (39, 19)])
def test_lstm(epoch, drops):
    """Appendix C.4: constant for 20 epochs, then times 0.8 each."""
    assert Schedule(LSTM).factor(epoch) == 0.8**drops


def test_autoencoder():
    """Appendix C.3: constant."""
    task = PAPER.tasks["autoencoder_mnist"]
    assert Schedule(task.settings["schedule"]).factors(task.epochs) == [1.0] * 256


@pytest.mark.parametrize(
    ("epoch", "factor"), [(1, 1), (60, 1), (61, 0.2), (120, 0.2), (121, 0.2**2), (200, 0.2**3)]
)
def test_milestones(epoch, factor):
    """The schedule of Zagoruyko & Komodakis (2016): times 0.2 after epochs 60, 120 and 160."""
    schedule = Schedule({"kind": "milestones", "factor": 0.2, "after": [60, 120, 160]})
    assert schedule.factor(epoch) == factor


@pytest.mark.parametrize("task", PAPER.tasks.values(), ids=lambda task: task.name)
def test_factors_are_those_of_the_epochs_and_never_grow(task):
    schedule = Schedule(task.settings["schedule"])
    factors = schedule.factors(task.epochs)
    assert factors == [schedule.factor(epoch) for epoch in range(1, task.epochs + 1)]
    assert factors[0] == 1 and factors == sorted(factors, reverse=True)


def test_milestones_say_the_same_as_geometric():
    after = list(range(100, 200, 10))
    schedule = Schedule({"kind": "milestones", "factor": 0.5, "after": after})
    assert schedule.factors(200) == Schedule(WRN).factors(200)
