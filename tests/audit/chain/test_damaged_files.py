"""Damage to a real figure's files: the verdict, the exit code, the culprit."""

import shutil

import pytest
from damage import (
    change_numbers,
    change_pixel,
    change_record,
    one_float,
    repeat_a_row,
    strip_metadata,
    swap,
    truncate,
)
from files import DATA, FIGURE, OTHER_RUN, PNG, RUN, TABLE, name_of

from largebatch.records import read_with_record, write_table

TAMPERED, MISSING = "TAMPERED", "MISSING"


def test_as_it_was_made(audit):
    for figure in ("fig1", "fig3"):
        said = audit(figure)
        assert said.code == 0 and said.facts["verdict"] == "VERIFIED" and said.blamed == {}
        assert said.facts["repair"] == []
        assert (said.facts["intact"], said.facts["current"]) == ("yes", "yes")
        assert said.notes == ["2 runs diverged; the figure says so"]


DAMAGES = {
    "one float of a run": (lambda p: change_numbers(p(RUN), one_float), {RUN: TAMPERED}),
    "rows of a run": (lambda p: change_numbers(p(RUN), repeat_a_row), {RUN: TAMPERED}),
    "the footer of a run": (lambda p: change_record(p(RUN), status="diverged"), {RUN: TAMPERED}),
    "two runs": (lambda p: swap(p(RUN), p(OTHER_RUN)), {RUN: TAMPERED, OTHER_RUN: TAMPERED}),
    "a run deleted": (lambda p: p(RUN).unlink(), {RUN: MISSING}),
    "a run truncated": (lambda p: truncate(p(RUN)), {RUN: TAMPERED}),
    "one float of the table": (lambda p: change_numbers(p(TABLE), one_float), {TABLE: TAMPERED}),
    "the data truncated": (lambda p: truncate(p(DATA)), {DATA: TAMPERED}),
    "one pixel": (lambda p: change_pixel(p(PNG)), {PNG: TAMPERED}),
    "the picture's metadata": (lambda p: strip_metadata(p(PNG)), {PNG: TAMPERED}),
    "the sidecar": (lambda p: truncate(p(f"{FIGURE}.json")), {FIGURE: TAMPERED}),
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


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_renamed_picture_is_found(checkout, audit, tmp_path, ending):
    copy = tmp_path / f"For the talk.{ending}"
    shutil.copy(checkout.root / f"{FIGURE}.{ending}", copy)
    said = audit(copy)
    assert (said.code, said.facts["name"], said.facts["verdict"]) == (0, "fig1", "VERIFIED")
    shutil.move(checkout.root / f"{FIGURE}.{ending}", copy)
    said = audit(copy)
    assert (said.code, said.blamed) == (2, {f"{FIGURE}.{ending}": MISSING})


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
