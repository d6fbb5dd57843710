"""What the executor says while it works is short, however many jobs there are."""

from types import SimpleNamespace

import pytest
from snakemake.iocontainers import OutputFiles

from snakemake_executor_plugin_lanes.failures import SETUP, SHOWN
from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.report import Report

RUN = "task/b1/sgd/lr1/seed0"


def process(jobs: int, output: list[str], seen: dict | None = None, state="", **resources):
    lead = SimpleNamespace(name="rule", output=output, resources=resources, log=[])
    return SimpleNamespace(
        lead=lead,
        unsettled=[SimpleNamespace(job=lead)] * jobs,
        progress=lambda: seen or {},
        begun="started",
        state=state,
    )


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (process(1, ["a.png"]), "rule: a.png started"),
        (process(1, ["a.png", "a.pdf", "a.svg"]), "rule: a.png and 2 more started"),
        (process(9, ["a.png"], pack="task/b1"), "rule: task/b1 started, 9 jobs"),
        (process(1, []), "rule: rule started"),
    ],
)
def test_started(one, line):
    said = []
    Report(0.0, said.append).started(one)
    assert said == [line]


def test_at_work():
    said = []
    report = Report(0.0, said.append)
    seen = {"epoch": 2, "epochs": 6, "resumed": 0}
    report.look([process(1, ["a"]), process(9, ["a"], seen, pack="task/b1")], waiting=3)
    assert said == ["0 of 0 jobs done, 3 waiting\n    rule\n    task/b1, epoch 2 of 6, 9 jobs"]


def test_why_a_pack_does_not_run():
    """Each reason is one line, and nothing is said twice."""
    said = []
    report = Report(0.0, said.append)
    waits = [process(9, ["a"], pack=f"t/b{n}", state="PENDING (Priority)") for n in range(7)]
    for _ in range(2):
        report.look([*waits, process(9, ["a"], pack="t/b8", state="COMPLETING")], waiting=0)
    assert said == [
        "0 of 0 jobs done, 0 waiting\n"
        "    PENDING (Priority): t/b0, t/b1, t/b2, t/b3, t/b4 and 2 more\n"
        "    COMPLETING: t/b8"
    ]


def test_a_hundred_packs_at_work():
    said = []
    Report(0.0, said.append).look([process(1, ["a"], pack=f"t/b{n}") for n in range(100)], 0)
    assert len(said[0].splitlines()) == 12 and said[0].endswith("    and 90 more")


def test_jobs_without_output_fail():
    """Each is told by its rule's name."""
    said = []
    report = Report(0.0, said.append)
    for name in ("upload", "notify"):
        job = SimpleNamespace(name=name, output=OutputFiles(), log=[], resources={"work": 1})
        report.released(job)
        report.failed([job], "its command ended with exit code 1", [])
    report.last_words()
    assert said[0] == "failed: upload: its command ended with exit code 1"
    assert said[-1].startswith("2 jobs failed:")


@pytest.mark.parametrize(
    ("own", "pack", "said"),
    [
        ("started\nno room\n", "", "no room"),
        ("started\n", f"{RUN}: disk full\nbye\n", f"{RUN}: disk full"),
        ("started\n", f"{RUN}: disk full\n{RUN}1: diverged\n", f"{RUN}: disk full"),
        ("started\n", f"x/{RUN}.parquet: disk full\n", f"x/{RUN}.parquet: disk full"),
        ("started\n", f"{RUN}-b: no\nx/{RUN}.b.parquet: no\n", "started"),
        (
            None,
            "module: not found\nconfig/cluster.yaml: setup: no\n",
            f"module: not found: {SETUP} no",
        ),
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
    output = f"results/s/runs/{RUN}.parquet"
    job = SimpleNamespace(output=OutputFiles(toclone=[output]), log=[str(logs[0])])
    report = Report(0.0, lambda line: None)
    report.failed([job], "it ended", [str(logs[1])])
    words = f"it ended; its last line: {said}" if said else "it ended"
    assert str(report.failures[output]).startswith(f"{output}: {words} ({logs[0]}")


def test_runs_that_fail_for_one_reason_are_one_line(tmp_path):
    """The reason is what their logs say, without the run's name and the time."""
    said, jobs = [], []
    for seed, reason in enumerate(("no such data", "no such data", "no room")):
        log = tmp_path / f"{seed}.log"
        name = f"task/b1/sgd/lr1/seed{seed}"
        log.write_text(f"2026-01-01T00:00:0{seed} {name} x/{name}.parquet: {reason}\n")
        output = OutputFiles(toclone=[f"results/s/runs/task/b1/sgd/lr1/seed{seed}.parquet"])
        jobs.append(SimpleNamespace(output=output, log=[str(log)]))
    report = Report(0.0, said.append)
    report.failed(jobs, "it ended", [])
    report.last_words()
    first, *lines = said[-1].splitlines()
    assert first == "3 jobs failed:" and len(lines) == 2
    assert said[0].startswith(f"3 jobs failed, {jobs[0].output} and 2 more: it ended; its last")
    assert lines[0].startswith(f"    {jobs[0].output} and 1 more: it ended; its last line: 2026")
    assert lines[0].endswith(f"no such data ({tmp_path}/0.log)")
    assert lines[1].startswith(f"    {jobs[2].output}: it ended; its last line: 2026")


def test_the_name_is_no_part_of_the_reason(tmp_path):
    """Nor is the rest of a name that begins alike."""
    runs, pack = [f"task/b1/sgd/lr1/seed{seed}" for seed in (1, 10)], tmp_path / "output.log"
    pack.write_text("".join(f"2026-01-01T00:00:00 {run} no room\n" for run in runs))
    report = Report(0.0, lambda line: None)
    outputs = [OutputFiles(toclone=[f"results/s/runs/{run}.parquet"]) for run in runs]
    jobs = [SimpleNamespace(output=output, log=[]) for output in outputs]
    report.failed(jobs, "it ended", [str(pack)])
    assert [failure.reason for failure in report.failures.values()] == [" no room"] * 2


def test_of_many_reasons_the_first_are_told():
    said = []
    report = Report(0.0, said.append)
    for number in range(SHOWN + 2):
        job = SimpleNamespace(output=OutputFiles(toclone=[f"{number}.png"]), log=[])
        report.failed([job], f"reason {number}", [])
    report.last_words()
    *_, last, more = said[-1].splitlines()
    assert last == f"    {SHOWN - 1}.png: reason {SHOWN - 1}" and more == "    and 2 more reasons"


def test_a_retry_is_no_other_job():
    said = []
    report = Report(0.0, said.append)
    job = SimpleNamespace(output=OutputFiles(toclone=["a"]), log=[], resources={"work": 2})
    for _ in range(2):
        report.released(job)
        report.failed([job], "it ended", [])
    report.look([process(1, ["a"])], waiting=0)
    assert said[-1].startswith("0 of 1 jobs done")
    report.last_words()
    assert said[-1] == "1 job failed:\n    a: it ended"
    report.succeeded(job)
    report.look([process(1, ["a"])], waiting=0)
    assert said[-1].startswith("1 of 1 jobs done")
    said.clear()
    report.last_words()
    assert said == []  # it was made good


def test_a_failure_that_was_told_last_is_not_told_again():
    said = []
    report = Report(0.0, said.append)
    jobs = [SimpleNamespace(output=OutputFiles(toclone=[name]), log=[]) for name in "ab"]
    report.failed(jobs, "it ended", [])
    report.last_words()
    assert said == ["2 jobs failed, a and 1 more: it ended"]


def test_the_time_that_is_left(monkeypatch):
    """Of 8 units of work, 2 are done in a run that ended, and 1 in a run that is half done.

    Of jobs without work, as of tables, nobody knows how long they take.
    """
    said, now = [], [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    report = Report(0.0, said.append)
    jobs = [
        SimpleNamespace(output=OutputFiles(toclone=[name]), log=[], resources={"work": work})
        for name, work in (("a", 2), ("b", 2), ("c", 4))
    ]
    for job in jobs:
        report.released(job)
    half = process(1, ["b"], {"epoch": 3, "epochs": 6, "resumed": 0}, work=2)
    report.started(half)
    report.look([half], waiting=2)
    now[0] = 60.0
    report.succeeded(jobs[0])
    report.look([half], waiting=1)
    assert said[-1].startswith("1 of 3 jobs done, 1 waiting, about 2 min left")
    for job in jobs[1:]:
        report.succeeded(job)
    report.look([process(1, ["table"])], waiting=1)
    assert said[-1] == "3 of 3 jobs done, 1 waiting\n    rule"


def test_before_anything_is_done_no_time_is_guessed():
    said = []
    report = Report(0.0, said.append)
    pack = process(1, ["a"], {"epoch": 3, "epochs": 6, "resumed": 3}, work=6)
    report.started(pack)
    report.look([pack], waiting=0)
    assert said[-1].splitlines()[0] == "0 of 0 jobs done, 0 waiting"


@pytest.mark.parametrize(
    ("how", "left"), [("resumed", "8 min"), ("adopted", "8 min"), ("retried", "2 min")]
)
def test_what_an_earlier_snakemake_has_trained_took_none_of_our_time(
    monkeypatch, how: str, left: str
) -> None:
    """Of 6 epochs 3 were there and a minute has trained the fourth; another job is to follow.

    A retry resumes from epochs that were trained in our time.
    """
    said, now = [], [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    report = Report(0.0, said.append)
    jobs = [
        SimpleNamespace(name="rule", output=[name], log=[], resources={"work": 6}) for name in "ab"
    ]
    for job in jobs:
        report.released(job)
    resumed = {"epoch": 4, "epochs": 6, "resumed": 0 if how == "adopted" else 3}
    pack = process(1, ["a"], resumed, work=6)
    if how == "adopted":
        report.adopted(process(1, ["a"], resumed | {"epoch": 3}, work=6))
    else:
        report.started(pack)
    if how == "retried":
        report.failed(jobs[:1], "it ended", [])
    now[0] = 60.0
    report.look([pack], waiting=1)
    assert said[-1].startswith(f"0 of 2 jobs done, 1 waiting, about {left} left")
    now[0] = 180.0
    report.succeeded(jobs[0])
    report.look([process(1, ["b"], work=6)], waiting=0)
    left = "3 min" if how == "retried" else "6 min"
    assert said[-1].startswith(f"1 of 2 jobs done, 0 waiting, about {left} left")


@pytest.mark.parametrize("content", [None, "{", "{}", "[]", '{"epoch": 1, "epochs": "x"}'])
def test_progress_that_is_none(tmp_path, content: str | None) -> None:
    pack = object.__new__(Pack)
    pack.folder = tmp_path
    if content is not None:
        (tmp_path / "progress.json").write_text(content)
    assert pack.progress() == {}


def test_progress_of_a_run_that_was_resumed(tmp_path) -> None:
    pack = object.__new__(Pack)
    pack.folder = tmp_path
    (tmp_path / "progress.json").write_text('{"epoch": 4, "epochs": 6, "first": 3, "time": 9.0}')
    assert pack.progress() == {"epoch": 4, "epochs": 6, "resumed": 2}
