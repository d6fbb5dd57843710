"""Git in a folder of a test, under a name of its own."""

import subprocess
from pathlib import Path


def git(root: Path, *arguments: str, given: str | bytes = "") -> str:
    """What it prints."""
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    given = given.encode() if isinstance(given, str) else given
    options = {"check": True, "capture_output": True, "input": given}
    return subprocess.run(["git", *who, *arguments], cwd=root, **options).stdout.decode().strip()
