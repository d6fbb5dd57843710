"""A figure's name is a target and a name for the audit; it must not be one of the others."""

import re
from pathlib import Path

import pytest

from largebatch.audit.subjects.of_study import subjects
from largebatch.study import load_study
from largebatch.study.checks import TAKEN, TAKEN_STARTS

PROJECT = Path(__file__).parents[2]


def test_names_of_rules():
    files = [PROJECT / "Snakefile", *(PROJECT / "workflow/rules").glob("*.smk")]
    rules = {name for file in files for name in re.findall(r"(?m)^rule (\w+):", file.read_text())}
    assert "claims" in rules and rules <= TAKEN


@pytest.mark.parametrize("study", ["demo", "paper"])
def test_names_of_what_is_audited(study):
    study = load_study(study, PROJECT)
    others = [s.name for s in subjects(study, PROJECT).values() if s.kind != "figure"]
    could_be_figures = [name for name in others if name == name.lower()]
    assert "map-gap" in could_be_figures
    assert all(name in TAKEN or name.startswith(TAKEN_STARTS) for name in could_be_figures)
