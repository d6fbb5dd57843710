"""A record says clean, and git was made not to see what ran."""

import pytest

from largebatch.audit import Verdict
from largebatch.records import read_record

SCHEDULE = "src/largebatch/training/schedule.py"


def make_again(checkout) -> None:
    checkout.train_all(checkout.study.runs)
    checkout.table("fig1")
    checkout.figure("fig1")


def hide_an_edit(checkout) -> None:
    checkout.edit(SCHEDULE, "0.5", "0.25")
    checkout.git("update-index", "--assume-unchanged", SCHEDULE)


def hide_a_module(checkout) -> None:
    checkout.path("src/largebatch/training/luck.py").write_text("LUCK = 7\n")
    checkout.path(".git/info/exclude").write_text("luck.py\n")
    checkout.edit(SCHEDULE, '"""Rates."""', "from largebatch.training.luck import LUCK")
    checkout.git("commit", "-qam", "luck")


@pytest.mark.parametrize("hide", [hide_an_edit, hide_a_module])
def test_code_that_the_commit_does_not_hold(checkout, hide):
    hide(checkout)
    make_again(checkout)
    assert not read_record(checkout.path(checkout.study.runs[0].path))["git"]["dirty"]
    [found] = [f for f in checkout.audit().findings if f.verdict is Verdict.CHANGED]
    assert (found.link, found.what.split()[1]) == ("git", "train")
    assert found.detail == "8 say that they are of this commit, which holds other code"


def test_the_commit_is_looked_up_not_the_tree(checkout):
    """An edit that was committed later, and comments, are no contradiction."""
    checkout.edit(SCHEDULE, "# halves", "# half of it")
    checkout.git("commit", "-qam", "words")
    assert checkout.audit().headline == "VERIFIED"


def test_a_commit_that_is_not_there_is_told(checkout):
    checkout.git("commit", "-q", "--amend", "-m", "another first")
    checkout.git("reflog", "expire", "--expire=now", "--all")
    checkout.git("gc", "-q", "--prune=now")
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    assert any("is not in this repository" in note.what for note in report.notes)


def test_without_git_nothing_is_said(checkout):
    checkout.path(".git").rename(checkout.path("no-git"))
    notes = [note.what for note in checkout.audit().notes]
    assert not any("repository" in note for note in notes)
