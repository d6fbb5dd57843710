"""What the executor says while it works: short, whatever a job makes."""

from types import SimpleNamespace

import pytest

from snakemake_executor_plugin_lanes.report import Report


def process(jobs: int, output: list[str], seen: dict | None = None, **resources):
    lead = SimpleNamespace(name="rule", output=output, resources=resources, log=[])
    return SimpleNamespace(lead=lead, unsettled=[lead] * jobs, progress=lambda: seen or {})


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (process(1, ["a.png"]), "rule: a.png started"),
        (process(1, ["a.png", "a.pdf", "a.svg"]), "rule: a.png and 2 more started"),
        (process(9, ["a.png"], pack="task/b1"), "rule: task/b1 started, 9 jobs"),
    ],
)
def test_started(one, line):
    said = []
    Report(0.0, said.append).started(one)
    assert said == [line]


def test_at_work():
    said = []
    report = Report(0.0, said.append)
    seen = {"epoch": 2, "epochs": 6}
    report.look([process(1, ["a"]), process(9, ["a"], seen, pack="task/b1")], waiting=3)
    assert said == ["0 of 0 jobs done, 3 waiting\n    rule\n    task/b1, epoch 2 of 6, 9 jobs"]
