"""`--rebuild` and `--rerun` with the workflow's own steps; the commands that repair; the lock."""

import os
import re
import shlex
import subprocess
import sys

import pyarrow as pa
from damage import change_numbers, one_float, truncate
from files import PNG, RUN, TABLE

from largebatch.records import read_with_record, write_table

ELSEWHERE = {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "7", "COLUMNS": "40"}
BYTES = "identical bytes: pdf, png, svg"


def test_the_same_bytes_elsewhere(checkout):
    """In a process of its own: hash seed, time zone and locale are set at its start."""
    done = subprocess.run(
        [sys.executable, "-m", "largebatch", "audit", "--rebuild", "--all"],
        cwd=checkout.root,
        env=os.environ | checkout.environment | ELSEWHERE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout.count(BYTES) == 2, done.stdout + done.stderr


def test_the_same_numbers(audit):
    said = audit("fig1", "--rebuild", "--rerun", 1)
    assert said.code == 0 and said.facts["reproduced"] == "yes" and BYTES in said.out
    [rerun] = [found for found in said.facts["findings"] if found["link"] == "rerun"]
    assert (rerun["verdict"], rerun["detail"]) == ("intact", "identical numbers")


def test_only_making_it_again_shows_a_thorough_forgery(checkout, largebatch, audit):
    """A run's numbers changed with all its digests, its table and its figure made from them."""
    for name, option in ((RUN, ("--rerun", 8)), (TABLE, ("--rebuild",))):
        table, record = read_with_record(checkout.root / name)
        write_table(checkout.root / name, one_float(table), record)
        if name == RUN:
            assert largebatch("table", "fig1").code == 0
        assert largebatch("figure", "fig1").code == 0
        assert audit("fig1").code == 0
        said = audit("fig1", *option)
        assert (said.code, said.blamed) == (2, {name: "TAMPERED"})


def test_what_cannot_be_made_again_is_not_verified(checkout, audit):
    change_numbers(checkout.root / RUN, lambda table: pa.concat_tables([table, table]))
    (checkout.root / "results/data/digits.safetensors").unlink()
    said = audit("fig1", "--rebuild", "--rerun", 1)
    assert said.code == 2
    again = [f for f in said.facts["findings"] if f["link"] in ("rebuilt", "rerun")]
    assert [found["verdict"] for found in again] == ["STALE", "STALE"]
    assert "not the ones recorded" in again[0]["detail"] and "is missing" in again[1]["detail"]


def test_settings_changed_since_are_no_reason_to_stop(checkout, audit):
    checkout.edit_study(lambda study: study["figures"]["fig1"].update(title="Two"))
    said = audit("fig1", "--rebuild")
    assert said.code == 1 and "made with other settings" in said.out


def test_the_repair_makes_what_is_damaged_again(checkout, audit):
    change_numbers(checkout.root / RUN, one_float)
    [repair] = audit("fig1").facts["repair"]
    program, *arguments = shlex.split(repair)
    assert program == "snakemake"
    planned = checkout.planned(*arguments)
    assert {name for name in planned if "/runs/" in name} == {RUN}
    assert {TABLE, PNG} < planned


def test_the_repair_of_many_files_repairs(checkout, audit, largebatch):
    """The line, for a shell, asks the audit which they are; here both programs are called."""
    recorded = read_with_record(checkout.root / TABLE)[1]["inputs"]
    damaged = [checkout.root / each["name"] for each in recorded[:5]]
    for path in damaged:
        truncate(path)
    [repair] = audit("fig1").facts["repair"]
    assert len(repair) < 120
    before, inner, after = re.fullmatch(r"snakemake (.*)\$\(largebatch (.*)\)(.*)", repair).groups()
    asked = largebatch(*inner.split()).out.split()
    again = [*before.split(), *asked, *after.split()]
    changed = checkout.changed_by(lambda: checkout.snakemake(*again))
    names = {path.relative_to(checkout.root).as_posix() for path in damaged}
    assert {name for name in changed if "/runs/" in name} == names
    assert audit("fig1").code == 0


def test_json_and_text_say_the_same(checkout, largebatch, audit):
    change_numbers(checkout.root / RUN, one_float)
    facts, text = audit("fig1").facts, largebatch("audit", "fig1", "--all").out
    said = re.sub(r"\s+", " ", text)
    assert f"{facts['title']} {facts['verdict']}" in said
    for question in ("intact", "current", "reproduced"):
        assert f"{question}? {facts[question]}" in said
    for found in facts["findings"]:
        assert found["what"] in said and found["detail"] in said and found["culprit"] in said
    assert all(command in said for command in facts["repair"])
    lines = largebatch("audit").out.splitlines()
    assert [line.split()[0] for line in lines] == ["fig1", "fig3"]
    assert [re.split(r"  +", line)[2] for line in lines] == ["TAMPERED", "TAMPERED"]


def test_the_lock(checkout, largebatch, audit):
    lock = checkout.root / "results/figures.lock"
    said = audit("--lock")
    assert said.code == 0 and len(lock.read_text().splitlines()) == 2
    assert [anchor(report) for report in said.facts] == ["intact", "intact"]
    committed = lock.read_text()
    table, record = read_with_record(checkout.root / RUN)
    write_table(checkout.root / RUN, one_float(table), record)
    for figure in ("fig1", "fig3"):
        assert largebatch("table", figure).code == largebatch("figure", figure).code == 0
    forged = audit("fig1")
    assert (forged.code, forged.blamed) == (1, {"results/figures.lock": "STALE"})
    assert forged.facts["repair"][0].startswith("largebatch audit fig1 --study tiny --lock,")
    assert audit("fig1", "--lock").code == 0
    changed = [
        a != b for a, b in zip(committed.splitlines(), lock.read_text().splitlines(), strict=True)
    ]
    assert changed == [True, False]


def anchor(report: dict) -> str:
    return next(f["verdict"] for f in report["findings"] if f["link"] == "anchor")


def test_what_is_not_verified_is_not_locked(checkout, audit):
    change_numbers(checkout.root / RUN, one_float)
    said = audit("--lock")
    assert said.code == 2 and "fig1 is tampered, so nothing was locked" in said.err
    assert not (checkout.root / "results/figures.lock").exists()


def test_what_is_no_figure(audit):
    assert "there is no figure 'fig7'; it has fig1, fig3" in audit("fig7").err
    said = audit("nothing.png")
    assert said.code == 2 and "nothing.png does not exist" in said.err
