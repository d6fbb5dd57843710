"""Changes to what makes a figure: only what depends on it is stale, and the cause is named.

Most changes are made to the stand-in of `test_current`, these to what the workflow made.
"""

from pathlib import Path

import pytest
from files import DATA, RUN, name_of

from largebatch.errors import UserError
from largebatch.records import snapshot

SCHEDULE = "src/largebatch/study/schedule.py"
STALE = "STALE"


def remade(said) -> set[str]:
    return {name for found in said.facts["findings"] for name in found["remake"]}


def test_the_schedule(checkout, audit):
    path = checkout.root / SCHEDULE
    text = path.read_text()
    assert "(1 if at_once else 0)" in text
    path.write_text(text.replace("(1 if at_once else 0)", "(2 if at_once else 0)"))
    said = audit("fig1")
    assert (said.code, said.blamed) == (1, {"largebatch.study.schedule": STALE})
    assert (said.facts["intact"], said.facts["current"]) == ("yes", "no")
    assert len(remade(said)) == 8 and all("/runs/" in name for name in remade(said))
    [repair] = said.facts["repair"]
    assert repair.startswith("snakemake fig1 --forcerun train ")


def test_a_run_from_a_dirty_tree(checkout, largebatch, audit):
    checkout.append(SCHEDULE, "# not committed\n")
    trained = largebatch("train", name_of(RUN))
    assert trained.code == 0 and f"{SCHEDULE} is not committed; the records" in trained.err
    assert largebatch("table", "fig1").code == largebatch("figure", "fig1").code == 0
    said = audit("fig1")
    assert said.code == 0 and f"3 artefacts were made from a dirty tree: {SCHEDULE}" in said.notes
    [patch] = (checkout.root / "results/patches").iterdir()
    assert "+# not committed" in patch.read_text()
    patch.write_text("nothing")
    culprit = str(patch.relative_to(checkout.root))
    assert audit("fig1").blamed == {culprit: "TAMPERED"}


def test_data_prepared_with_other_settings(checkout, largebatch, audit):
    """The file is whole and says what it is, but it is not what the runs saw."""
    checkout.edit_study(lambda study: study["datasets"]["digits"].update(test_examples=300))
    assert largebatch("data", "digits").code == 0
    said = audit("fig1")
    assert said.code == 1 and said.blamed["results/data/digits.safetensors"] == STALE


def test_data_of_other_settings_are_not_trained_on(checkout, largebatch):
    """Prepared for the study as it was, or copied from another data set's place."""
    checkout.edit_study(lambda study: study["datasets"]["digits"].update(test_examples=300))
    run = checkout.root / RUN
    run.unlink()
    said = largebatch("train", RUN)
    assert said.code == 1 and not run.exists()
    assert f"failed: {DATA}: it was prepared with other settings than are wanted; " in said.err


WORK = {
    "data digits": ("data.prepare.prepare", ["data"]),
    "train": ("training.worker.train", ["train"]),
    "table fig1": ("analysis.tables.write_figure_table", ["table"]),
    "figure fig1": ("figures.draw.draw", ["figure"]),
    "claims": ("analysis.claims.write.write_claims", ["claims"]),
    "maps": ("figures.plates.maps.write_maps", ["maps"]),
    "measure": ("figures.plates.measured.write_measured", ["measure", "measured"]),
    "report": ("figures.report.write_report", ["report"]),
    "theory": ("figures.plates.twins.write_twins", ["twins"]),
    "theory --general": ("figures.plates.theory.write_general", ["theory"]),
}


@pytest.mark.parametrize("command", WORK)
def test_what_is_edited_while_it_works_is_not_what_it_ran(largebatch, monkeypatch, command):
    """The code is noted before the work starts, and not when the record is made."""
    (work, steps), noted = WORK[command], []

    def at_work(*_, **__):
        before = snapshot.cache_info().misses
        noted.extend(snapshot(step, Path(".")) for step in steps)
        assert snapshot.cache_info().misses == before
        raise UserError("enough")

    monkeypatch.setattr(f"largebatch.{work}", at_work)
    said = largebatch(*command.split(), *([RUN] if command == "train" else []))
    assert said.err.endswith("largebatch: enough\n") and len(noted) == len(steps)
