"""Packed, one by one, or with Snakemake's own executor: the same numbers."""

import re
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from checkout import Checkout
from snakemake.shell import shell
from snakemake_interface_common.exceptions import WorkflowError
from test_incremental import run

from largebatch.records import read_table, table_digest
from snakemake_executor_plugin_lanes import Executor

SOME = [run(), run(optimizer="momentum-0.9", lr="0.5", seed=1)]


def numbers(checkout: Checkout, path: str) -> str:
    return table_digest(read_table(Path(checkout.root, path)))


@pytest.mark.parametrize("how", [["--executor", "local"], ["--config", "lanes=1"]])
def test_one_run_a_process(trained: Checkout, fresh: Checkout, how: list[str]) -> None:
    fresh.snakemake(*SOME, *how)
    for path in SOME:
        assert numbers(fresh, path) == numbers(trained, path)


@pytest.mark.parametrize(("cores", "parts"), [("1", [8, 8]), ("4", [4] * 4)])
def test_a_pack_of_much_work_is_spread_over_the_cores(
    trained: Checkout, fresh: Checkout, cores: str, parts: list[int]
) -> None:
    said = fresh.snakemake("runs", "-c", cores, "--set-resources", "train:work=60000")
    assert [int(jobs) for jobs in re.findall(r"train: \S+ started, (\d+) jobs", said)] == parts
    for path in SOME:
        assert numbers(fresh, path) == numbers(trained, path)


def test_few_jobs_at_a_time_are_warned_of(fresh: Checkout) -> None:
    assert "released at a time" not in fresh.snakemake("data")
    assert "-j 1: at most 1 runs are released" in fresh.snakemake("data", "-j", "1", "-F")


def test_by_hand(trained: Checkout, fresh: Checkout) -> None:
    fresh.snakemake("data")
    fresh.largebatch("train", *SOME)
    for path in SOME:
        assert numbers(fresh, path) == numbers(trained, path)


def test_stock_executor_draws_the_same(trained: Checkout, checkout: Checkout) -> None:
    arguments = ("fig1", "--executor", "local", "-R", "table")
    changed = checkout.changed_by(lambda: checkout.snakemake(*arguments))
    pictures = {path for path in changed if path.endswith((".pdf", ".svg", ".png"))}
    assert len(pictures) == 3
    for path in pictures:
        assert checkout.files()[path][0] == trained.files()[path][0]


def test_a_snakemake_that_is_too_new_is_refused(monkeypatch) -> None:
    """In one sentence, before any job is released."""
    monkeypatch.delattr(shell, "_get_process_prefix")
    workflow = MagicMock(persistence=SimpleNamespace(finished=1, metadata=1, cleanup_metadata=1))
    workflow.dag.jobs = []
    with pytest.raises(
        WorkflowError, match="has no _get_process_prefix, _get_key, _write_record, which"
    ):
        Executor(workflow, MagicMock())
