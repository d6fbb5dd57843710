"""A repository with one module and one commit, and git in it."""

import subprocess
from pathlib import Path


def git(root: Path, *arguments: str, given: str = "") -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    options = {"check": True, "capture_output": True, "text": True, "input": given}
    return subprocess.run(["git", *identity, *arguments], cwd=root, **options).stdout.strip()


def make_repository(root: Path) -> None:
    (root / "src").mkdir(parents=True)
    (root / "src" / "schedule.py").write_text("RATE = 0.5\n")
    (root / "README.md").write_text("hello\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
