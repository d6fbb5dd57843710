"""What the executor says of jobs that failed: each reason once, and where to read on."""

import pytest
from reports import Kept, job, process

from snakemake_executor_plugin_lanes.failures import SETUP, SHOWN

RUN = "task/b1/sgd/lr1/seed0"


def run(name: str, log: str = ""):
    return job(f"results/s/runs/{name}.parquet", log=log)


def test_jobs_without_output_fail():
    """Each is told by its rule's name."""
    report = Kept()
    for name in ("upload", "notify"):
        one = job(work=1)
        one.name = name
        report.released(one)
        report.failed([one], "its command ended with exit code 1", [])
    report.last_words()
    assert report.lines[0] == "failed: upload: its command ended with exit code 1"
    assert report.lines[-1].startswith("2 jobs failed:")


@pytest.mark.parametrize(
    ("own", "pack", "said"),
    [
        ("started\nno room\n", "", "no room"),
        ("started\n", f"{RUN}: disk full\nbye\n", f"{RUN}: disk full"),
        ("started\n", f"{RUN}: disk full\n{RUN}1: diverged\n", f"{RUN}: disk full"),
        ("started\n", f"x/{RUN}.parquet: disk full\n", f"x/{RUN}.parquet: disk full"),
        ("started\n", f"{RUN}-b: no\nx/{RUN}.b.parquet: no\n", "started"),
        (None, f"module: not found\n{SETUP} no\n", f"module: not found: {SETUP} no"),
        (None, f"{SETUP} its last command failed\n", f"{SETUP} its last command failed"),
        (None, "import torch\nMemoryError\n", "MemoryError"),
        (None, "", None),
    ],
)
def test_why_a_run_failed(tmp_path, own, pack, said):
    """The last line of its own log, or its pack's line about it, or the pack's if no run began."""
    logs = [tmp_path / "seed0.log", tmp_path / "output.log"]
    if own:
        logs[0].write_text(own)
    logs[1].write_text(pack)
    report = Kept()
    report.failed([run(RUN, log=str(logs[0]))], "it ended", [str(logs[1])])
    output = f"results/s/runs/{RUN}.parquet"
    words = f"it ended; its last line: {said}" if said else "it ended"
    assert str(report.failures[output]).startswith(f"{output}: {words} ({logs[0]}")


def test_runs_that_fail_for_one_reason_are_one_line(tmp_path):
    """The reason is what their logs say, without the run's name and the time."""
    report, jobs = Kept(), []
    for seed, reason in enumerate(("no such data", "no such data", "no room")):
        name, log = f"task/b1/sgd/lr1/seed{seed}", tmp_path / f"{seed}.log"
        log.write_text(f"2026-01-01T00:00:0{seed} {name} x/{name}.parquet: {reason}\n")
        jobs.append(run(name, log=str(log)))
    report.failed(jobs, "it ended", [])
    report.last_words()
    first, *lines = report.lines[-1].splitlines()
    assert first == "3 jobs failed:" and len(lines) == 2
    start = f"3 jobs failed, {jobs[0].output} and 2 more: it ended; its last"
    assert report.lines[0].startswith(start)
    assert lines[0].startswith(f"    {jobs[0].output} and 1 more: it ended; its last line: 2026")
    assert lines[0].endswith(f"no such data ({tmp_path}/0.log)")
    assert lines[1].startswith(f"    {jobs[2].output}: it ended; its last line: 2026")


def test_the_name_is_no_part_of_the_reason(tmp_path):
    """Nor is the rest of a name that begins alike."""
    names, log = [f"task/b1/sgd/lr1/seed{seed}" for seed in (1, 10)], tmp_path / "output.log"
    log.write_text("".join(f"2026-01-01T00:00:00 {name} no room\n" for name in names))
    report = Kept()
    report.failed(list(map(run, names)), "it ended", [str(log)])
    assert [failure.reason for failure in report.failures.values()] == [" no room"] * 2


def test_of_many_reasons_the_first_are_told():
    report = Kept()
    for number in range(SHOWN + 2):
        report.failed([job(f"{number}.png")], f"reason {number}", [])
    report.last_words()
    *_, last, more = report.lines[-1].splitlines()
    assert last == f"    {SHOWN - 1}.png: reason {SHOWN - 1}" and more == "    and 2 more reasons"


def test_a_retry_is_no_other_job():
    report, one = Kept(), job("a", work=2)
    for _ in range(2):
        report.released(one)
        report.failed([one], "it ended", [])
    report.look([process(job("a"))], waiting=0)
    assert report.lines[-1].startswith("0 of 1 jobs done")
    report.last_words()
    assert report.lines[-1] == "1 job failed:\n    a: it ended"
    report.succeeded(one)
    report.look([process(job("a"))], waiting=0)
    assert report.lines[-1].startswith("1 of 1 jobs done")
    report.lines.clear()
    report.last_words()
    assert report.lines == []  # it was made good


def test_a_failure_that_was_told_last_is_not_told_again():
    report = Kept()
    report.failed([job("a"), job("b")], "it ended", [])
    report.last_words()
    assert report.lines == ["2 jobs failed, a and 1 more: it ended"]
