"""A tiny study made by the workflow itself, in a copy of this project under git, and its commands.

Everything here is what a user has: files that `snakemake figures` wrote, and `largebatch audit`.
"""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

from checkout import PROJECT, Checkout, made_once
from gitting import git

from largebatch.cli import app, main
from largebatch.records import record as record_room

BAD = ("TAMPERED", "MISSING", "STALE")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict:
        return json.loads(self.out)

    @property
    def blamed(self) -> dict[str, str]:
        """{culprit: verdict} of all that is wrong."""
        findings = [f for f in self.facts["findings"] if f["verdict"] in BAD]
        return {found["culprit"]: found["verdict"] for found in findings}

    @property
    def notes(self) -> list[str]:
        return [found["what"] for found in self.facts["findings"] if found["verdict"] == "note"]


Command = Callable[..., Said]


@pytest.fixture(autouse=True)
def code_of_the_checkout():
    """No stand-in package here: records name the code that runs."""


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Checkout:
    return made_once(tmp_path_factory, "made", _make)


def _make(root: Path) -> None:
    checkout = Checkout.create(root)
    shutil.copy(Path(__file__).with_name("tiny.yaml"), checkout.study_file)
    shutil.copy(PROJECT / ".gitignore", checkout.root)
    git(checkout.root, "init", "-q")
    git(checkout.root, "add", "-A")
    git(checkout.root, "commit", "-qm", "first")
    git(checkout.root, "repack", "-qad")  # one file instead of 400, which is copied faster
    checkout.snakemake("figures")


@pytest.fixture(scope="session")
def whole(made: Checkout, tmp_path_factory) -> Checkout:
    """The tiny study with all that the workflow can make of it."""

    def make(root: Path) -> None:
        made.copy(root).snakemake("claims", "theory", "maps", "report", "measured")

    return made_once(tmp_path_factory, "whole", make)


@pytest.fixture
def checkout(made: Checkout, tmp_path: Path) -> Checkout:
    return made.copy(tmp_path / "checkout")


@pytest.fixture
def largebatch(checkout: Checkout, monkeypatch, capsys) -> Command:
    """The command line, in this process (a new one costs a second), inside the checkout."""
    monkeypatch.chdir(checkout.root)
    monkeypatch.setattr(app, "check_sources", lambda root: None)  # which are not this process's

    def command(*arguments: object) -> Said:
        record_room.snapshot.cache_clear()
        monkeypatch.setattr(sys, "argv", ["largebatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return Said(end.value.code or 0, printed.out, printed.err)

    return command


@pytest.fixture
def audit(largebatch: Command) -> Command:
    return lambda *arguments: largebatch("audit", *arguments, "--json")
