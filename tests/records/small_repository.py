"""A repository with one module and one commit, and git in it."""

from pathlib import Path

from gitting import git


def make_repository(root: Path) -> None:
    (root / "src").mkdir(parents=True)
    (root / "src" / "schedule.py").write_text("RATE = 0.5\n")
    (root / "README.md").write_text("hello\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
