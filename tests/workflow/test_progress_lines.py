"""What the executor says while it works is short, however many jobs there are."""

import pytest
from reports import Kept, job, process

from snakemake_executor_plugin_lanes.pack import Pack


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """Seconds, to be set."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (process(job("a.png")), "rule: a.png started"),
        (process(job("a.png", "a.pdf", "a.svg")), "rule: a.png and 2 more started"),
        (process(job("a.png", pack="task/b1"), jobs=9), "rule: task/b1 started, 9 jobs"),
        (process(job()), "rule: rule started"),
    ],
)
def test_started(one, line):
    report = Kept()
    report.started(one)
    assert report.lines == [line]


def test_at_work():
    report, seen = Kept(), {"epoch": 2, "epochs": 6, "resumed": 0}
    report.look([process(job("a")), process(job("a", pack="task/b1"), seen, jobs=9)], waiting=3)
    said = "0 of 0 jobs done, 3 waiting\n    rule\n    task/b1, epoch 2 of 6, 9 jobs"
    assert report.lines == [said]


def test_why_a_pack_does_not_run():
    """Each reason is one line, and nothing is said twice."""
    report, why = Kept(), "PENDING (Priority)"
    waits = [process(job("a", pack=f"t/b{n}"), jobs=9, state=why) for n in range(7)]
    for _ in range(2):
        report.look([*waits, process(job("a", pack="t/b8"), state="COMPLETING")], waiting=0)
    assert report.lines == [
        "0 of 0 jobs done, 0 waiting\n"
        "    PENDING (Priority): t/b0, t/b1, t/b2, t/b3, t/b4 and 2 more\n"
        "    COMPLETING: t/b8"
    ]


def test_a_hundred_packs_at_work():
    report = Kept()
    report.look([process(job("a", pack=f"t/b{n}")) for n in range(100)], 0)
    (said,) = report.lines
    assert len(said.splitlines()) == 12 and said.endswith("    and 90 more")


def test_the_time_that_is_left(clock):
    """Of 8 units of work, 2 are done in a run that ended, and 1 in a run that is half done.

    Of jobs without work, as of tables, nobody knows how long they take.
    """
    report = Kept()
    jobs = [job(name, work=work) for name, work in (("a", 2), ("b", 2), ("c", 4))]
    for one in jobs:
        report.released(one)
    half = process(jobs[1], {"epoch": 3, "epochs": 6, "resumed": 0})
    report.started(half)
    report.look([half], waiting=2)
    clock[0] = 60.0
    report.succeeded(jobs[0])
    report.look([half], waiting=1)
    assert report.lines[-1].startswith("1 of 3 jobs done, 1 waiting, about 2 min left")
    for one in jobs[1:]:
        report.succeeded(one)
    report.look([process(job("table"))], waiting=1)
    assert report.lines[-1] == "3 of 3 jobs done, 1 waiting\n    rule"


def test_before_anything_is_done_no_time_is_guessed():
    report = Kept()
    pack = process(job("a", work=6), {"epoch": 3, "epochs": 6, "resumed": 3})
    report.started(pack)
    report.look([pack], waiting=0)
    assert report.lines[-1].splitlines()[0] == "0 of 0 jobs done, 0 waiting"


@pytest.mark.parametrize(
    ("how", "left"), [("resumed", "8 min"), ("adopted", "8 min"), ("retried", "2 min")]
)
def test_what_an_earlier_snakemake_has_trained_took_none_of_our_time(
    clock, how: str, left: str
) -> None:
    """Of 6 epochs 3 were there and a minute has trained the fourth; another job is to follow.

    A retry resumes from epochs that were trained in our time.
    """
    report, (first, second) = Kept(), (job(name, work=6) for name in "ab")
    report.released(first)
    report.released(second)
    resumed = {"epoch": 4, "epochs": 6, "resumed": 0 if how == "adopted" else 3}
    pack = process(first, resumed)
    if how == "adopted":
        report.adopted(process(first, resumed | {"epoch": 3}))
    else:
        report.started(pack)
    if how == "retried":
        report.failed([first], "it ended", [])
    clock[0] = 60.0
    report.look([pack], waiting=1)
    assert report.lines[-1].startswith(f"0 of 2 jobs done, 1 waiting, about {left} left")
    clock[0] = 180.0
    report.succeeded(first)
    report.look([process(second)], waiting=0)
    left = "3 min" if how == "retried" else "6 min"
    assert report.lines[-1].startswith(f"1 of 2 jobs done, 0 waiting, about {left} left")


@pytest.fixture
def pack(tmp_path) -> Pack:
    pack = object.__new__(Pack)
    pack.folder = tmp_path
    return pack


@pytest.mark.parametrize("content", [None, "{", "{}", "[]", '{"epoch": 1, "epochs": "x"}'])
def test_progress_that_is_none(pack, content: str | None) -> None:
    if content is not None:
        (pack.folder / "progress.json").write_text(content)
    assert pack.progress() == {}


def test_progress_of_a_run_that_was_resumed(pack) -> None:
    content = '{"epoch": 4, "epochs": 6, "first": 3, "time": 9.0}'
    (pack.folder / "progress.json").write_text(content)
    assert pack.progress() == {"epoch": 4, "epochs": 6, "resumed": 2}
