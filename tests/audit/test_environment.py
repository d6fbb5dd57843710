"""Installed versions against the lock: one note, the packages that matter named first."""

from importlib import metadata

import numpy as np
import pytest

from largebatch.audit import full_text
from largebatch.records import read_with_record, write_table


@pytest.fixture
def run(checkout):
    return checkout.study.runs[0]


def notes_of(checkout, run, versions: dict[str, str], everything: bool = False) -> list[str]:
    """The notes printed about a run that these packages made."""
    table, record = read_with_record(checkout.path(run.path))
    write_table(checkout.path(run.path), table, record | {"packages": versions})
    text = full_text(checkout.audit(run.name), everything).partition("  note ")[2]
    return [line.strip() for line in text.splitlines() if line.strip()]


def lock(checkout, *names: str) -> None:
    """Version 2.0 of each; of what also made the data, the version that is installed."""
    pins = {"torch": metadata.version("torch"), "numpy": np.__version__}
    lines = [f"{name}=={pins.get(name, '2.0')}\n" for name in names]
    checkout.path("envs/pipeline.lock").write_text("".join(lines))


def test_one_package_is_told_in_a_sentence(checkout, run):
    [note] = notes_of(checkout, run, {"numpy": "1.0", "torch": "3.0"})
    assert note == f"1 artefact was made with numpy 1.0 where the lock says {np.__version__}"
    assert notes_of(checkout, run, {"numpy": f"{np.__version__}+cpu"}) == []


def test_many_packages_are_summed_up(checkout, run):
    lock(checkout, "attrs", "numpy", "Scikit_Learn", "torch", "triton", "zipp")
    others = dict.fromkeys(("attrs", "numpy", "scikit-learn", "torch", "triton"), "1.0")
    note, *_ = notes_of(checkout, run, others | {"zipp": "2.0"})
    start, _, named = note.partition(": ")
    assert start == "1 artefact was made with 5 packages that differ from the lock"
    assert [words.split()[0] for words in named.split(", ")] == ["torch", "numpy", "triton"]
    assert named.endswith("triton 1.0 (lock 2.0) and 2 others; --all to list")
    each = notes_of(checkout, run, others, everything=True)[1:6]
    assert all(
        "1 artefact was made with" in line and "where the lock says" in line for line in each
    )
    assert "torch 1.0" in each[0] and "scikit-learn 1.0" in each[4]


def test_two_versions_of_a_package_are_one_package(checkout, run):
    checkout.path("envs/pipeline.lock").write_text("torch==0.1\nzipp==2.0\n")
    note, *_ = notes_of(checkout, run, {"torch": "1.0", "zipp": "1.0"})
    installed = metadata.version("torch")
    assert note == (
        "2 artefacts were made with 2 packages that differ from the lock: "
        f"torch 1.0, {installed} (lock 0.1), zipp 1.0 (lock 2.0); --all to list"
    )


def test_json_holds_each(checkout, run):
    lock(checkout, "attrs", "zipp")
    notes_of(checkout, run, {"attrs": "1.0", "zipp": "1.0"})
    facts = checkout.audit(run.name).to_dict()["findings"]
    [note] = [found for found in facts if found["each"]]
    assert len(note["each"]) == 2 and "2 packages that differ" in note["what"]
