"""The import closure of a step: what belongs to it, and what does not."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.records.code import PACKAGE, code_digest

FILES = {
    "__init__.py": "",
    "errors.py": "class UserError(Exception): ...",
    "training/__init__.py": "",
    "training/worker.py": "import os\nfrom largebatch.training import update\n"
    "from .schedule import rate\nfrom ..models import Net\n"
    "from largebatch.records import write_table\n"
    "def train():\n    from largebatch.errors import UserError\n"
    "    from largebatch.training.leases.lease import take\n",
    "training/leases/__init__.py": "",
    "training/leases/lease.py": "def take(): ...",
    "training/update.py": "M = 0.9",
    "training/schedule.py": "def rate(epoch):\n    return 0.5 ** epoch  # halves",
    "training/unused.py": "X = 1",
    "training/hints.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    "    from largebatch.training import unused\nelse:\n    from largebatch.training import update",
    "models/__init__.py": '"""Models."""\nfrom largebatch.models.net import Net\n'
    "from largebatch.models.other import Other\n__all__ = ['Net', 'Other']",
    "models/net.py": "class Net: depth = 16",
    "models/other.py": "class Other: ...",
    "records/__init__.py": "from largebatch.records.tables import write_table",
    "records/tables.py": "def write_table(): ...",
    "figures/__init__.py": "LOCALE = 'C'",
    "figures/draw.py": "import largebatch.figures.axes as axes\nSTYLE = 'style.mplstyle'",
    "figures/axes.py": "",
    "figures/style.mplstyle": "font.size: 8",
    "figures/notes.txt": "of no consequence",
}


def edit(package: Path, name: str, text: str) -> None:
    (package / name).write_text(text)


def test_the_closure_is_what_is_imported_and_nothing_else(package):
    assert list(code_digest("train", package)["modules"]) == [
        "largebatch.errors",
        "largebatch.models.net",
        "largebatch.training.schedule",
        "largebatch.training.update",
        "largebatch.training.worker",
    ]


def test_what_only_a_type_checker_imports_does_not_belong_to_it(package):
    edit(package, "training/worker.py", "from largebatch.training import hints")
    assert list(code_digest("train", package)["modules"]) == [
        "largebatch.training.hints",
        "largebatch.training.update",
        "largebatch.training.worker",
    ]


def test_data_files_and_inits_with_code_belong_to_it(package):
    assert list(code_digest("figure", package)["modules"]) == [
        "largebatch.figures",
        "largebatch.figures.axes",
        "largebatch.figures.draw",
        "largebatch/figures/style.mplstyle",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training/schedule.py", '"""Halves."""\ndef rate(epoch):\n    return 0.5**epoch'),
        ("training/unused.py", "X = 2"),
        ("models/other.py", "class Other: depth = 3"),
        ("records/tables.py", "def write_table(): return 1"),
        ("training/leases/lease.py", "def take(): return 1"),
        ("figures/draw.py", "STYLE = None"),
        ("models/__init__.py", "from largebatch.models.net import Net"),
    ],
)
def test_training_does_not_notice(package, name, text):
    before = code_digest("train", package)
    edit(package, name, text)
    assert code_digest("train", package) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training/schedule.py", "def rate(epoch):\n    return 0.25 ** epoch  # halves"),
        ("training/schedule.py", "def rate(age):\n    return 0.5 ** age  # halves"),
        ("training/update.py", "M = 0.95"),
        ("models/net.py", "class Net: depth = 10"),
        ("models/__init__.py", "from largebatch.models.other import Other as Net"),
    ],
)
def test_training_notices_and_the_module_is_named(package, name, text):
    before = code_digest("train", package)
    edit(package, name, text)
    after = code_digest("train", package)
    assert after["digest"] != before["digest"]
    assert set(after["modules"].items()) - set(before["modules"].items())


def test_a_style_sheet_is_code_of_the_figures(package):
    before = code_digest("figure", package)
    edit(package, "figures/notes.txt", "more")
    assert code_digest("figure", package) == before
    edit(package, "figures/style.mplstyle", "font.size: 9")
    assert code_digest("figure", package)["digest"] != before["digest"]


def test_what_cannot_be_read_is_said(package):
    with pytest.raises(UserError, match=r"largebatch\.analysis\.claims\.write"):
        code_digest("claims", package)
    with pytest.raises(UserError, match="no step is called 'plot'"):
        code_digest("plot", package)
    edit(package, "training/worker.py", "from largebatch.lost import x")
    with pytest.raises(UserError, match=r"training\.worker needs the module largebatch\.lost"):
        code_digest("train", package)
    edit(package, "training/worker.py", "def f(:")
    with pytest.raises(UserError, match=r"worker\.py, line 1"):
        code_digest("train", package)


ROOMS = {  # step: rooms that it must not import
    "data": ("models", "training", "analysis", "figures", "cli"),
    "train": ("analysis", "figures", "audit", "cli"),
    "table": ("data", "models", "training", "figures", "audit", "cli", "study.schedule"),
    "figure": ("data", "models", "training", "audit", "cli", "study.schedule"),
    "claims": ("data", "models", "training", "figures", "audit", "cli", "study.schedule"),
    "twins": ("data", "models", "training", "audit", "cli", "analysis.claims"),
    "theory": ("data", "models", "training", "audit", "cli", "study.schedule"),
    "measure": ("figures", "audit", "cli", "analysis.claims"),
    "maps": ("data", "models", "training", "audit", "cli", "study.schedule"),
}


@pytest.mark.parametrize("step", ROOMS)
def test_a_step_of_this_package_has_nothing_to_do_with_some_rooms(step):
    strangers = tuple(f"largebatch.{room}" for room in ROOMS[step])
    modules = code_digest(step)["modules"]
    assert [m for m in modules if f"{m}.".startswith(tuple(f"{s}." for s in strangers))] == []


@pytest.mark.parametrize(
    ("step", "module"),
    [
        ("train", "study.schedule"),
        ("twins", "study.schedule"),
        ("twins", "analysis.theory.noisy_quadratic"),
        ("theory", "analysis.theory.mean_square"),
        ("measure", "training.pack"),
        ("claims", "analysis.claims.page"),
    ],
)
def test_a_step_of_this_package_depends_on_what_computes_its_numbers(step, module):
    assert f"largebatch.{module}" in code_digest(step)["modules"]


def test_this_package_imports_statically_only():
    unseen = {"__import__", "eval", "exec", "import_module", "importlib.import_module"}
    for path in PACKAGE.rglob("*.py"):
        calls = (n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.Call))
        for call in calls:
            assert ast.unparse(call.func) not in unseen, f"{path}, line {call.lineno}"


def test_the_digest_imports_no_torch_and_nothing_of_what_it_reads():
    script = (
        "import sys; import largebatch.records\n"
        "assert not {'torch', 'pandas', 'matplotlib', 'largebatch.study'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_module_is_parsed_once_a_process_and_again_when_it_changes(tmp_path, monkeypatch):
    """A Snakefile asks for the digests of many steps, which share most modules."""
    worker = tmp_path / "largebatch/training/worker.py"
    worker.parent.mkdir(parents=True)
    worker.write_text("from largebatch.m0 import f0")
    (tmp_path / "largebatch/m0.py").write_text("def f0(x):\n    return x")
    parsed, parse = [], ast.parse
    monkeypatch.setattr(ast, "parse", lambda text: parsed.append(text) or parse(text))
    digest = code_digest("train", tmp_path / "largebatch")
    assert len(digest["modules"]) == 2 == len(parsed)
    assert code_digest("train", tmp_path / "largebatch") == digest and len(parsed) == 2
    worker.write_text("from largebatch.m0 import f0\nf0(1)")
    assert code_digest("train", tmp_path / "largebatch") != digest and len(parsed) == 3
