"""A clone has the bytes that were committed, since what makes an artefact is compared by bytes."""

import shutil
from pathlib import Path

from gitting import git

HOUSE = Path(__file__).parents[2]


def test_no_setting_of_git_changes_the_ends_of_lines(tmp_path):
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    git(source, "init", "-q")
    shutil.copy(HOUSE / ".gitattributes", source)
    (source / "pipeline.lock").write_bytes(b"numpy==2.0\n")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "first")
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "-q", str(source), str(clone))
    assert (clone / "pipeline.lock").read_bytes() == b"numpy==2.0\n"
