"""Damage to a real figure's files: the verdict, the exit code, the culprit."""

import shutil

import pytest
from damage import change_numbers, change_pixel, one_float, strip_metadata, truncate
from files import DATA, PNG, RUN, TABLE, name_of

from largebatch.records import read_with_record, write_table

TAMPERED, MISSING = "TAMPERED", "MISSING"


def test_as_it_was_made(audit):
    for figure in ("fig1", "fig3"):
        said = audit(figure)
        assert said.code == 0 and said.facts["verdict"] == "VERIFIED" and said.blamed == {}
        assert said.facts["repair"] == []
        assert (said.facts["intact"], said.facts["current"]) == ("yes", "yes")
        assert said.notes == ["2 runs diverged; the figure says so"]


DAMAGES = {  # all others are done to the stand-in of `test_intact` and `test_pictures`
    "one float of a run": (lambda p: change_numbers(p(RUN), one_float), {RUN: TAMPERED}),
    "a run deleted": (lambda p: p(RUN).unlink(), {RUN: MISSING}),
    "the data truncated": (lambda p: truncate(p(DATA)), {DATA: TAMPERED}),
    "one pixel": (lambda p: change_pixel(p(PNG)), {PNG: TAMPERED}),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found(checkout, audit, what):
    damage, culprits = DAMAGES[what]
    damage(lambda name: checkout.root / name)
    said = audit("fig1")
    assert (said.code, said.blamed) == (2, culprits)
    assert said.facts["verdict"] in culprits.values() and said.facts["intact"] == "no"
    assert audit().code == 2


def test_damage_to_one_figure_leaves_the_other(checkout, audit):
    change_pixel(checkout.root / PNG)
    assert audit("fig3").code == 0


def test_the_table_of_another_study(checkout, largebatch, audit):
    """Of the same figure and runs, with all its digests in order, but not this study's."""
    other = checkout.study_file.with_name("other.yaml")
    other.write_text("extends: tiny\ntitle: Another\nseeds: [0]\n")
    runs = largebatch("runs", "--study", "other").out.split()
    fig1 = [run for run in runs if "momentum-0.99" not in run]
    assert largebatch("train", *fig1, "--study", "other").code == 0
    assert largebatch("table", "fig1", "--study", "other").code == 0
    shutil.copy(checkout.root / "results/other/tables/fig1.parquet", checkout.root / TABLE)
    said = audit("fig1")
    assert (said.code, said.blamed) == (2, {TABLE: TAMPERED})
    assert "results/other/tables/fig1.parquet" in said.out


def test_a_changed_or_stripped_copy(checkout, audit, tmp_path):
    copy = tmp_path / "copy.png"
    shutil.copy(checkout.root / PNG, copy)
    change_pixel(copy)
    said = audit(copy)
    assert (said.code, said.blamed) == (2, {str(copy): TAMPERED})
    strip_metadata(copy)
    said = audit(copy)
    assert said.code == 2 and said.out == ""
    assert said.err == (
        f"largebatch: {copy} carries no largebatch identity; name the figure instead.\n"
    )


@pytest.mark.parametrize("step", ["table", "figure"])
def test_no_step_takes_what_is_damaged(checkout, largebatch, step):
    damaged = {"table": RUN, "figure": TABLE}[step]
    change_numbers(checkout.root / damaged, one_float)
    said = largebatch(step, "fig1")
    assert said.code == 2 and damaged in said.err and "not the ones recorded" in said.err


def test_half_a_character_in_a_record_is_printed(checkout, largebatch):
    """JSON can hold one, and no terminal takes it."""
    table, record = read_with_record(checkout.root / RUN)
    forged = record | {"hardware": record["hardware"] | {"cpu": "\ud800"}}
    write_table(checkout.root / RUN, table, forged)
    assert r"\ud800" in largebatch("audit", name_of(RUN), "--all").out
