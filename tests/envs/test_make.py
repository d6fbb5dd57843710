"""What `make` says where it cannot build the environment."""

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_an_old_python_is_told_before_anything_is_built(tmp_path: Path) -> None:
    for file in ("Makefile", "pyproject.toml"):
        shutil.copy2(PROJECT / file, tmp_path)
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs/pipeline.lock").touch()
    old = tmp_path / "old"
    old.write_text(f'#!/bin/sh\n"{sys.executable}" -c "import sys; sys.version_info = (3, 10)\n$2"')
    old.chmod(0o755)
    said = subprocess.run(
        ["make", "env", "PYTHON=./old"], cwd=tmp_path, capture_output=True, text=True
    )
    sentence = "./old is older than Python 3.11; name a newer one: make PYTHON=python3.11 env\n"
    assert said.returncode and said.stderr.startswith(sentence)
    assert not list(tmp_path.glob(".*"))
