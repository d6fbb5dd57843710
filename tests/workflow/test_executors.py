"""Packed, one by one, or with Snakemake's own executor: the same numbers."""

import re
from pathlib import Path

from checkout import Checkout
from test_incremental import FIG1, FIRST, SECOND, pictures, run

from largebatch.records import read_table, table_digest

SOME = [run(), run(optimizer="momentum-0.9", lr="0.5", seed=1)]


def numbers(checkout: Checkout, path: str) -> str:
    return table_digest(read_table(Path(checkout.root, path)))


def without(checkout: Checkout, *paths: str) -> Checkout:
    for path in paths:
        (checkout.root / path).unlink()
    return checkout


def test_one_run_a_process(trained: Checkout, checkout: Checkout) -> None:
    without(checkout, *SOME).snakemake(*SOME, "--config", "lanes=1")
    for path in SOME:
        assert numbers(checkout, path) == numbers(trained, path)


def test_a_pack_of_much_work_is_spread_over_the_cores(
    trained: Checkout, checkout: Checkout
) -> None:
    """On one core it is not (`test_failures`)."""
    much_work = ("-c", "4", "--set-resources", "train:work=60000")
    said = without(checkout, *FIRST, *SECOND).snakemake("runs", *much_work)
    assert re.findall(r"train: \S+ started, (\d+) jobs", said) == ["4"] * 4
    assert "released at a time" not in said
    for path in SOME:
        assert numbers(checkout, path) == numbers(trained, path)


def test_by_hand(trained: Checkout, fresh: Checkout) -> None:
    """Few jobs at a time are warned of, since few would share a pack."""
    said = fresh.snakemake("data", "-j", "1")
    assert "-j 1: at most 1 runs are released" in said
    fresh.largebatch("train", *SOME)
    for path in SOME:
        assert numbers(fresh, path) == numbers(trained, path)


def test_stock_executor_trains_and_draws_the_same(trained: Checkout, checkout: Checkout) -> None:
    without(checkout, run())
    changed = checkout.changed_by(lambda: checkout.snakemake("fig1", "--executor", "local"))
    assert changed == {run()} | FIG1
    assert numbers(checkout, run()) == numbers(trained, run())
    for path in pictures("fig1") - {"results/tiny/figures/fig1.json"}:
        assert checkout.files()[path][0] == trained.files()[path][0]
