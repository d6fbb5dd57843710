"""A faithful study trains from a commit only, unless told otherwise; any other study says so."""

import pytest
from files import DATA, OTHER_RUN, RUN, name_of
from gitting import git

from largebatch.records import read_record

FILE = "src/largebatch/study/schedule.py"
REFUSAL = (
    f"{FILE} is not committed, but a faithful study (or `--tree clean`) trains only from a "
    "commit; commit the changes, or set `allow_dirty: true` in config/config.yaml (for one call: "
    "`snakemake --config allow_dirty=true`, `largebatch train --tree any`), and the records "
    "keep the patch."
)


@pytest.fixture
def faithful(checkout):
    """The study made faithful in a commit, then an edit that is in none, and two runs to train."""
    checkout.edit_study(lambda study: study.update(faithful=True))
    git(checkout.root, "commit", "-qam", "faithful")
    checkout.append(FILE, "# an edit\n")
    (checkout.root / RUN).unlink()
    (checkout.root / OTHER_RUN).unlink()
    return checkout


def test_the_trainer_refuses(faithful, largebatch):
    said = largebatch("train", name_of(RUN))
    assert said.code == 2 and said.err == f"largebatch: {REFUSAL}\n"
    assert not (faithful.root / RUN).exists()
    git(faithful.root, "commit", "-qam", "an edit")
    assert largebatch("train", name_of(RUN)).code == 0
    assert read_record(faithful.root / RUN)["git"]["dirty"] is False


def test_it_can_be_told_to(faithful, largebatch):
    said = largebatch("train", name_of(RUN), "--tree", "any")
    assert said.code == 0 and f"{FILE} is not committed; the records say so" in said.err
    config = faithful.root / "config/config.yaml"
    config.write_text(config.read_text().replace("allow_dirty: false", "allow_dirty: true"))
    assert largebatch("train", name_of(OTHER_RUN)).code == 0
    state = read_record(faithful.root / OTHER_RUN)["git"]
    patch = faithful.root / "results/patches" / f"{state['patch']}.patch"
    assert state["dirty"] and "allow_dirty: true" in patch.read_text()


def test_the_workflow_refuses_and_can_be_told_to(faithful):
    """Once, before a job is started: not in each of two packs, nor after half of the work.

    Packs are told by a resource, which is none of the parameters that make a run stale.
    """
    faithful.edit_study(lambda study: study["sweeps"]["few"].update(batch=32))
    new = faithful.root / "config/studies/new.yaml"
    new.write_text("a study that git does not know\n")
    refusal = REFUSAL.replace(f"{FILE} is", "config/studies/tiny.yaml and 2 more are")
    before = faithful.files()
    said = faithful.snakemake("runs", code=1)
    assert said.endswith(f"\nlargebatch: {refusal}\n") and said.count("committed") == 1
    assert faithful.files() == before and not list(faithful.root.glob(".snakemake/lanes/*"))
    new.unlink()
    git(faithful.root, "checkout", "config")
    assert faithful.planned("runs", "--config", "allow_dirty=true") == {RUN, OTHER_RUN}
    said = faithful.snakemake("runs", "--config", "allow_dirty=true")
    assert said.count(f"largebatch: {FILE} is not committed; the records say so") == 1
    assert read_record(faithful.root / RUN)["git"]["dirty"] is True
    faithful.snakemake("--force", DATA)  # what trains nothing is not refused


def test_any_study_can_be_told_to_train_from_a_commit_only(checkout, largebatch):
    checkout.append(FILE, "# an edit\n")
    said = largebatch("train", name_of(RUN), "--tree", "clean")
    assert said.code == 2 and said.err == f"largebatch: {REFUSAL}\n"


def test_several_files_are_counted(checkout, largebatch):
    for file in (FILE, "Snakefile", "envs/pipeline.lock"):
        checkout.append(file, "# an edit\n")
    assert "Snakefile and 2 more are not committed" in largebatch("train", name_of(RUN)).err


def test_of_a_run_that_there_is_not_nothing_else_is_said(checkout, largebatch):
    checkout.append(FILE, "# an edit\n")
    said = largebatch("train", "nosuch")
    assert said.code == 2 and said.err.startswith("largebatch: config/studies/tiny.yaml: there is")
