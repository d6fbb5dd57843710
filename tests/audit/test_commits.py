"""The code that ran is not what the record's commit and patch hold."""

import re
from pathlib import Path

import pytest

from largebatch.audit import Verdict, audit_study
from largebatch.audit.checkout import commits
from largebatch.records import digest_of, read_record, read_with_record, sha256, write_table

SCHEDULE = "src/largebatch/training/schedule.py"
WORKER = "src/largebatch/training/worker.py"


def hide_an_edit(checkout) -> None:
    checkout.edit(SCHEDULE, "0.5", "0.25")
    checkout.git("update-index", "--assume-unchanged", SCHEDULE)


def hide_a_module(checkout) -> None:
    checkout.path("src/largebatch/training/luck.py").write_text("LUCK = 7\n")
    checkout.path(".git/info/exclude").write_text("luck.py\n")
    checkout.edit(SCHEDULE, '"""Rates."""', "from largebatch.training.luck import LUCK")
    checkout.git("commit", "-qam", "luck")


@pytest.mark.parametrize(("hide", "hidden"), [(hide_an_edit, "schedule"), (hide_a_module, "luck")])
def test_code_that_the_commit_does_not_hold(checkout, hide, hidden):
    hide(checkout)
    checkout.remake(runs=checkout.study.runs)
    assert not read_record(checkout.path(checkout.study.runs[0].path))["git"]["dirty"]
    [found] = [f for f in checkout.audit().findings if f.verdict is Verdict.CHANGED]
    assert (found.link, found.what.split()[1]) == ("git", "train")
    said = (
        "the records of 8 artefacts name this commit, but it does not contain largebatch.training."
    )
    assert found.detail == f"{said}{hidden} as recorded"
    assert set(found.remake) == {run.path for run in checkout.study.runs_of("fig1")}


def edit_visibly(checkout) -> None:
    """An edit, and a module, that git sees and that the records keep as a patch."""
    checkout.path("src/largebatch/training/extra.py").write_text("EXTRA = 1\n")
    checkout.edit(WORKER, "import rate\n", "import rate\nimport largebatch.training.extra\n")
    checkout.remake(runs=checkout.study.runs)
    assert read_record(checkout.path(checkout.study.runs[0].path))["git"]["dirty"]


def kept_patch(checkout) -> Path:
    [patch] = checkout.path("results/patches").iterdir()
    return patch


def reseal(checkout, content: bytes) -> None:
    """The run, and what is made from it, say that this was the patch; it is kept as such."""
    kept_patch(checkout).unlink()
    digest = sha256(content)
    checkout.path(f"results/patches/{digest}.patch").write_bytes(content)
    for run in checkout.study.runs:
        table, record = read_with_record(checkout.path(run.path))
        git = record["git"] | {"patch": digest}
        write_table(checkout.path(run.path), table, record | {"git": git})


def test_a_commit_and_its_patch_hold_the_code(checkout):
    edit_visibly(checkout)
    report = checkout.audit(checkout.study.runs[0].name)
    assert report.headline == "VERIFIED"
    edited = "src/largebatch/training/extra.py, src/largebatch/training/worker.py"
    said = f"1 artefact was made from a dirty tree: {edited}"
    assert [note.what for note in report.notes] == [said]


def test_a_commit_and_its_patch_do_not_hold_a_hidden_edit(checkout):
    hide_an_edit(checkout)
    edit_visibly(checkout)
    [found] = [f for f in checkout.audit().findings if f.verdict is Verdict.CHANGED]
    assert (found.link, found.what.split()[1]) == ("git", "train")
    assert re.match(
        r"the records of 8 artefacts name \w+ and patch \w+, but these do not give largebatch",
        found.detail,
    )


def test_a_patch_is_read_once_for_all_figures(checkout, monkeypatch):
    edit_visibly(checkout)
    patch, whole, read = kept_patch(checkout), Path.read_bytes, []
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or whole(path))
    audit_study(checkout.study, checkout.root)
    assert read.count(patch) == 1


def test_where_no_commit_is_known_no_folder_is_made(checkout, monkeypatch):
    checkout.path(".git").rename(checkout.path("no-git"))
    monkeypatch.setattr(commits, "TemporaryDirectory", lambda: pytest.fail("a folder is made"))
    assert checkout.audit().headline == "VERIFIED"


def test_a_forged_patch_is_found(checkout):
    """Under the old name its digest is wrong; under its own it gives other code."""
    edit_visibly(checkout)
    run, patch = checkout.study.runs[0].name, kept_patch(checkout)
    forged = patch.read_bytes().replace(b"EXTRA = 1", b"EXTRA = 2")
    patch.write_bytes(forged)
    [found] = [f for f in checkout.audit(run).findings if f.verdict is Verdict.CHANGED]
    assert found.detail == "it is not the patch that was recorded"
    reseal(checkout, forged)
    [found] = [f for f in checkout.audit(run).findings if f.verdict is Verdict.CHANGED]
    assert "these do not give largebatch.training.extra as recorded" in found.detail


def test_a_patch_of_other_code_is_a_note(checkout):
    """It cannot be applied, so that nothing is known of what ran."""
    edit_visibly(checkout)
    reseal(checkout, kept_patch(checkout).read_bytes().replace(b"\n from", b"\n of"))
    report = checkout.audit(checkout.study.runs[0].name)
    assert report.headline == "VERIFIED"
    assert re.search(r"the patch \w+ of 1 artefact cannot be applied to", report.notes[-1].what)
    notes = " ".join(note.what for note in checkout.audit().notes)
    assert re.search(r"the patch \w+ of 8 artefacts cannot be applied to", notes)


def test_a_record_that_says_clean_has_no_patch(checkout):
    edit_visibly(checkout)
    run = checkout.study.runs[0]
    table, record = read_with_record(checkout.path(run.path))
    write_table(checkout.path(run.path), table, record | {"git": record["git"] | {"dirty": False}})
    [found] = [f for f in checkout.audit(run.name).findings if f.verdict is Verdict.CHANGED]
    assert "this commit, but it does not contain largebatch.training.worker as" in found.detail


def test_a_dirty_tree_without_a_patch_says_nothing_of_the_code(checkout):
    edit_visibly(checkout)
    run = checkout.study.runs[0]
    table, record = read_with_record(checkout.path(run.path))
    del record["git"]["patch"]
    write_table(checkout.path(run.path), table, record)
    assert checkout.audit(run.name).headline == "VERIFIED"


def test_code_that_was_digested_by_other_rules_is_stale_and_not_tampered_with(checkout):
    run = checkout.study.runs[0]
    table, record = read_with_record(checkout.path(run.path))
    modules = dict.fromkeys(record["code"]["modules"], "0" * 64)
    code = {**record["code"], "modules": modules, "digest": digest_of(modules)}
    write_table(checkout.path(run.path), table, record | {"code": code})
    assert checkout.audit(run.name).headline == "STALE"


def test_the_commit_is_looked_up_not_the_tree(checkout):
    """An edit that was committed later, and comments, are no contradiction."""
    checkout.edit(SCHEDULE, "# halves", "# half of it")
    checkout.git("commit", "-qam", "words")
    assert checkout.audit().headline == "VERIFIED"


def test_a_hidden_edit_is_found_after_a_change_that_does_not_matter(checkout):
    """The runs are current, though not all code that trains is."""
    hide_an_edit(checkout)
    checkout.remake(runs=checkout.study.runs)
    checkout.edit("src/largebatch/models/knot.py", "3", "4")
    [found] = [f for f in checkout.audit().findings if f.verdict is Verdict.CHANGED]
    assert found.detail.endswith("it does not contain largebatch.training.schedule as recorded")


def test_a_commit_that_is_not_there_is_told(checkout):
    checkout.git("commit", "-q", "--amend", "-m", "another first")
    checkout.git("reflog", "expire", "--expire=now", "--all")
    checkout.git("gc", "-q", "--prune=now")
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    assert any("is not in this repository" in note.what for note in report.notes)


def test_a_repository_that_git_does_not_read_is_told(checkout):
    """For instance since it belongs to somebody else."""
    checkout.path(".git/HEAD").write_text("no reference")
    assert any("is not in this repository" in note.what for note in checkout.audit().notes)


def test_a_record_that_names_no_commit_is_told(checkout):
    run = checkout.study.runs[0]
    table, record = read_with_record(checkout.path(run.path))
    del record["git"]
    write_table(checkout.path(run.path), table, record)
    said = "1 artefact was made outside git, so no commit tells what ran"
    assert [note.what for note in checkout.audit(run.name).notes] == [said]


def test_without_git_nothing_is_said(checkout):
    checkout.path(".git").rename(checkout.path("no-git"))
    notes = [note.what for note in checkout.audit().notes]
    assert not any("repository" in note for note in notes)
