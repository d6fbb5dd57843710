"""A run is stale by code that its kind of model uses, and by no other."""

from dataclasses import replace
from functools import partial

import pytest

from largebatch.audit import Verdict
from largebatch.records import code_digest, source
from largebatch.records.changed_code import changed_modules
from largebatch.study import Task

MODELS = "src/largebatch/models"


def code_of_runs(report) -> dict[str, tuple[Verdict, str]]:
    found = [f for f in report.findings if f.link == "code" and f.what.startswith("train")]
    return {finding.what: (finding.verdict, finding.culprit) for finding in found}


def test_code_that_another_kind_uses_alone_does_not_count(checkout):
    checkout.edit(f"{MODELS}/knot.py", "3", "4")
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    [found] = [f for f in report.findings if f.what == "train net"]
    assert found.detail.startswith("5 modules, ")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("models/net.py", "8", "9"), ("training/build.py", "'knot': Knot, ", "")],
)
def test_code_of_its_kind_and_what_all_share_counts(checkout, file, old, new):
    checkout.edit(f"src/largebatch/{file}", old, new)
    module = f"largebatch.{file.removesuffix('.py').replace('/', '.')}"
    report = checkout.audit()
    assert report.headline == "STALE"
    assert code_of_runs(report)["train net"] == (Verdict.STALE, module)


def test_runs_of_two_kinds_behind_one_figure(checkout):
    study, kind = checkout.study, {"kind": "knot"}
    knot = Task("knot_dots", study.tasks["net_dots"].settings | {"model": kind})
    more = replace(study.sweeps["more"], task="knot_dots")
    sweeps, tasks = study.sweeps | {"more": more}, study.tasks | {"knot_dots": knot}
    checkout.study = replace(study, sweeps=sweeps, tasks=tasks)
    knots = [run for run in checkout.study.runs if run.task == "knot_dots"]
    checkout.remake("fig3", knots)
    assert checkout.audit("fig3").headline == "VERIFIED"
    checkout.edit(f"{MODELS}/knot.py", "3", "4")
    report = checkout.audit("fig3")
    assert code_of_runs(report) == {
        "train net": (Verdict.INTACT, ""),
        "train knot": (Verdict.STALE, "largebatch.models.knot"),
    }
    [stale] = [finding for finding in report.findings if finding.verdict is Verdict.STALE]
    assert stale.detail.endswith("4 of 4 predate the change")
    assert set(stale.remake) == {run.path for run in knots}


KNOT = "from largebatch.models import string, parts"
BEFORE = {
    "training/worker.py": "import largebatch.training.build",
    "training/build.py": "from largebatch.models.net import Net\n"
    "from largebatch.models.knot import Knot\nMODELS = {'net': Net, 'knot': Knot}",
    "__init__.py": "VERSION = 1",
    "models/__init__.py": "import os",
    "models/net.py": "def net():\n    from largebatch.models.parts import part\nTABLE = 'net.csv'",
    "models/parts/__init__.py": "SEED = 1",
    "models/parts/part.py": "",
    "models/knot.py": KNOT,
    "models/string.py": "LENGTH = 'string.csv'",
    "models/net.csv": "1",
    "models/string.csv": "1",
}
GONE = None


@pytest.mark.parametrize(
    ("changes", "of_nets"),
    [
        ({"models/knot.py": KNOT + "\nX = 1"}, set()),
        ({"models/knot.py": KNOT.replace(", parts", "")}, set()),
        ({"models/knot.py": KNOT.replace("parts", "rope"), "models/rope.py": ""}, set()),
        ({"models/string.py": "LENGTH = 'string.csv', 2"}, set()),
        ({"models/string.csv": "2"}, set()),
        ({"models/net.py": "TABLE = 'net.csv'"}, {"models.net"}),
        ({"models/net.csv": "2"}, {"models/net.csv"}),
        ({"models/net.csv": GONE}, {"models/net.csv"}),
        ({"models/string.csv": GONE}, {"models/string.csv"}),  # whose it was is not known
        ({"models/parts/part.py": "X = 1"}, {"models.parts.part"}),
        ({"models/parts/__init__.py": "SEED = 2"}, {"models.parts"}),
        ({"models/parts/__init__.py": ""}, {"models.parts"}),  # a face, which a knot imports
        ({"models/__init__.py": "SEED = 1"}, {"models"}),  # it was a face
        ({"training/build.py": "from largebatch.models.net import Net\nMODELS = {'net': Net}"},
         {"training.build", "models/string.csv"}),
    ],
    ids=lambda value: str(sorted(value.items()) if isinstance(value, dict) else sorted(value)),
)  # fmt: skip
def test_what_changed_for_the_runs_of_one_kind(tmp_path, changes, of_nets):
    package = tmp_path / "largebatch"
    write(package, BEFORE)
    code = {"step": "train", **code_digest("train", package)}
    closure = partial(code_digest, "train", package)
    record = {"code": code, "settings": {"task": {"model": {"kind": "net"}}}}
    assert changed_modules("train", record, closure) == set()
    write(package, changes)
    found = changed_modules("train", record, closure)
    assert {name.removeprefix("largebatch")[1:] for name in found} == of_nets
    assert found <= changed_modules("train", record | {"settings": {}}, closure) != set()


def test_an_older_record_names_code_that_no_longer_counts(tmp_path):
    package = tmp_path / "largebatch"
    write(package, BEFORE)
    modules = code_digest("train", package)["modules"] | {"largebatch.training.leases.lease": "1"}
    record = {"code": {"modules": modules}, "settings": {}}
    assert changed_modules("train", record, partial(code_digest, "train", package)) == set()


def write(package, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is GONE:
            path.unlink()
        else:
            path.write_text(text)
    source._read.cache_clear()  # which files there are is asked once a process
