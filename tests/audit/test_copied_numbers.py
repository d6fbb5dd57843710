"""Numbers of one run under the name and the digests of another."""

import pyarrow as pa
import pytest
from damage import nudged, with_number
from verdicts import OTHER_RUN, RUN, faults

from largebatch.records import read_table

OTHER_RATE = RUN.replace("lr0.5", "lr2")
OTHER_OPTIMIZER = RUN.replace("sgd", "momentum-0.9")


@pytest.mark.parametrize("other", [OTHER_RATE, OTHER_OPTIMIZER])
def test_the_numbers_of_another_rate_or_optimizer(checkout, other):
    numbers = read_table(checkout.path(other))
    checkout.reseal(lambda _: numbers)
    assert "its first learning rate is not" in faults(checkout.audit())[RUN]


def at_another_rate(checkout, numbers: pa.Table) -> None:
    """The numbers of another run under the rates of this one."""
    rates = read_table(checkout.path(RUN))["learning_rate"]
    place = numbers.column_names.index("learning_rate")
    checkout.reseal(lambda _: numbers.set_column(place, "learning_rate", rates))


def test_the_numbers_of_another_rate_whose_rates_were_rewritten(checkout):
    """Nobody can tell which of the two is the copy."""
    at_another_rate(checkout, read_table(checkout.path(OTHER_RATE)))
    words = "its losses are, to the last bit, those of "
    assert faults(checkout.audit()) == {RUN: words + OTHER_RATE, OTHER_RATE: words + RUN}


def test_runs_whose_rates_move_no_weight_are_alike(checkout):
    """Each test loss is that of the start, whichever tiny rate it was."""
    numbers = read_table(checkout.path(OTHER_RATE))
    start = numbers["test_loss"][0].as_py()
    for epoch in range(1, len(numbers)):
        numbers = with_number(numbers, "test_loss", epoch, start)
    checkout.reseal(lambda _: numbers, OTHER_RATE)
    at_another_rate(checkout, numbers)
    assert not faults(checkout.audit())


def test_the_numbers_of_another_seed(checkout):
    numbers = read_table(checkout.path(RUN))
    checkout.reseal(lambda _: numbers, OTHER_RUN)
    assert faults(checkout.audit()) == {
        OTHER_RUN: "its first test loss is not that of the other runs of seed 1"
    }


def start_at(checkout, start: float, *names: str) -> None:
    for name in names:
        checkout.reseal(lambda table: with_number(table, "test_loss", 0, start), name)


def test_the_start_of_a_seed_is_that_of_most_runs_though_their_last_bits_differ(checkout):
    *others, last = [run.path for run in checkout.study.runs_of("fig1") if run.seed == 0]
    for place, name in enumerate(others):
        start_at(checkout, 0.7 + 1e-6 * place, name)
    start_at(checkout, 0.9, last)
    assert set(faults(checkout.audit())) == {last}
    start_at(checkout, 0.9, RUN)
    start_at(checkout, 0.7, last)
    assert set(faults(checkout.audit())) == {RUN}


def test_of_two_starts_of_a_seed_that_are_as_frequent_neither_is_trusted(checkout):
    runs = [run.path for run in checkout.study.runs_of("fig1") if run.seed == 0]
    start_at(checkout, 0.9, *runs[:2])
    words = "the runs of seed 0 have different first test losses"
    assert faults(checkout.audit()) == dict.fromkeys(runs, words)


def test_a_whole_seed_copied(checkout):
    """Slightly changed after the first row, so that no two files hold the same numbers.

    Nobody can tell the copy, so the runs of both seeds are named.
    """
    for run in [r for r in checkout.study.runs_of("fig1") if r.seed == 1]:
        from_run = read_table(checkout.path(run.path.replace("seed1", "seed0")))
        status = {"status": "finished", "facts": {}}
        checkout.reseal(lambda _, numbers=from_run: nudged(numbers), run.path, **status)
    words = "its first test loss is also that of seed "
    runs = checkout.study.runs_of("fig1")
    assert faults(checkout.audit()) == {run.path: f"{words}{1 - run.seed}" for run in runs}
