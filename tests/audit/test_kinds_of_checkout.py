"""However git keeps a checkout, an audit of it says the same of the results."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_checkout import Checkout

from largebatch.audit import lock


def detached(checkout: Checkout, _: Path) -> Path:
    checkout.git("checkout", "-q", "--detach")
    return checkout.root


def worktree(checkout: Checkout, folder: Path) -> Path:
    checkout.git("worktree", "add", "-q", "-b", "another", str(folder / "tree"))
    return folder / "tree"


def submodule(checkout: Checkout, folder: Path) -> Path:
    above = Checkout(folder, checkout.study)
    above.git("init", "-q")
    source = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(checkout.root))
    above.git(*source, "inside")
    return folder / "inside"


def shallow(checkout: Checkout, folder: Path) -> Path:
    checkout.git("clone", "-q", "--depth=1", f"file://{checkout.root}", str(folder / "clone"))
    return folder / "clone"


def subfolder(checkout: Checkout, folder: Path) -> Path:
    """Of another repository, which has the files but not the commits."""
    shutil.copytree(checkout.root, folder / "inside", ignore=shutil.ignore_patterns(".git"))
    above = Checkout(folder, checkout.study)
    above.git("init", "-q")
    above.git("add", "-A")
    above.git("commit", "-qm", "all")
    return folder / "inside"


@pytest.mark.parametrize(
    ("kept", "has_the_commit"),
    [(detached, True), (worktree, True), (submodule, True), (shallow, False), (subfolder, False)],
)
def test_the_anchor_and_the_commits_are_read(
    checkout: Checkout, tmp_path: Path, kept: Callable, has_the_commit: bool
) -> None:
    lock(checkout.study, ["fig1"], checkout.root)
    checkout.git("add", "results/figures.lock")
    checkout.git("commit", "-qm", "anchor")
    folder = tmp_path / "kept"
    folder.mkdir()
    root = kept(checkout, folder)
    if root != checkout.root:
        shutil.copytree(checkout.root / "results", root / "results", dirs_exist_ok=True)
    report = Checkout(root, checkout.study).audit()
    assert report.headline == "VERIFIED"
    notes = [note.what for note in report.notes if note.link in ("git", "anchor")]
    assert [("is not in this repository" in note) for note in notes] == [True] * (
        not has_the_commit
    )
    (root / "results/figures.lock").write_text(f"{'0' * 64}  tiny/fig1\n")
    stale = [f.detail for f in Checkout(root, checkout.study).audit().findings if f.is_bad]
    assert "the line for tiny/fig1 differs from the committed one" in stale
