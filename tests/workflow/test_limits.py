"""What SLURM allows, read from what `sinfo` says."""

from types import SimpleNamespace

import pytest
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.limits import parse, to_minutes

SINFO = (
    "Welcome to the cluster\n"
    "main*|1-00:00:00|8000|idle\nmain*|1-00:00:00|16000|mixed\nlong|7-00:00:00|64000+|idle~\n"
    "long|7-00:00:00|8000|drained*\nshort|30:00|8000|idle\nfree|infinite|8000|allocated\n"
)


def job(
    runtime: int, partition: str | None = None, attempt: int = 1, memory: int = 4000
) -> SimpleNamespace:
    class Resources(dict):
        __getattr__ = dict.__getitem__

    resources = Resources(runtime=runtime, slurm_partition=partition, pack="wrn b32", mem_mb=memory)
    return SimpleNamespace(resources=resources, attempt=attempt)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("infinite", None),
        ("n/a", None),
        ("30", 30),
        ("30:00", 30),
        ("2:30:00", 150),
        ("1-00", 1440),
        ("1-12:30", 2190),
        ("7-00:00:00", 10080),
    ],
)
def test_forms_of_a_time_limit(said: str, minutes: int | None) -> None:
    assert to_minutes(said) == minutes


@pytest.mark.parametrize(
    ("partitions", "longest"),
    [
        (None, 1440),
        ("long", 10080),
        ("short,long", 10080),
        ("short,free", None),
        ("nosuch", None),
    ],
)
def test_the_longest_of_a_list_counts(partitions: str | None, longest: int | None) -> None:
    assert parse(SINFO).of(partitions) == longest


def test_no_answer_is_no_limit() -> None:
    assert parse("").of(None) is None
    parse("").test(job(10**6), None)


def test_what_would_wait_for_ever_is_refused() -> None:
    limits = parse(SINFO)
    limits.test(job(1440), None)
    limits.test(job(2000), "long")
    with pytest.raises(WorkflowError, match=r"wrn b32 .* the default partition allows 1440"):
        limits.test(job(1441), None)
    with pytest.raises(WorkflowError, match=r"partition short allows 30; set max_walltime: 30"):
        limits.test(job(31), "short")


def test_some_nodes_rest() -> None:
    limits = parse(SINFO)
    assert limits.some_rest("long") and limits.some_rest("short,long")
    assert not limits.some_rest("short") and not limits.some_rest(None)


def test_a_retry_is_cut() -> None:
    assert parse(SINFO).exceeded(job(2880), None) == 1440
    assert parse(SINFO).exceeded(job(1440), None) is None


@pytest.mark.parametrize(
    ("attempt", "memory", "partitions", "cut"),
    [
        (2, 16001, None, 16000),
        (2, 16000, None, None),
        (2, 32000, None, 16000),
        (2, 70000, "short,long", 64000),
        (2, 70000, "nosuch", None),
        (1, 70000, None, None),  # SLURM refuses it, with a sentence
        (3, 90000, None, None),  # and so it does here
    ],
)
def test_a_retry_asks_for_no_more_memory_than_there_is(attempt, memory, partitions, cut) -> None:
    """Otherwise SLURM would refuse each retry of a pack that takes most of a node's memory."""
    asked = job(10, attempt=attempt, memory=memory)
    assert parse(SINFO).memory(asked, partitions) == cut
