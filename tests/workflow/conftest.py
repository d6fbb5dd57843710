import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from checkout import Checkout, made_once


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Checkout:
    """The tiny study, trained and drawn once."""
    return made_once(
        tmp_path_factory, "trained", lambda root: Checkout.create(root).snakemake("figures")
    )


@pytest.fixture
def checkout(trained: Checkout, tmp_path: Path) -> Checkout:
    """A copy of the trained study for one test."""
    return trained.copy(tmp_path / "checkout")


@pytest.fixture
def fresh(tmp_path: Path) -> Checkout:
    """The tiny study before anything was made."""
    return Checkout.create(tmp_path / "checkout")


@pytest.fixture
def stub(tmp_path: Path, monkeypatch):
    """Write a stub of a SLURM command as a shell script; works in an empty folder.

    Without it, `sbatch` accepts everything as job 17, and the others say nothing.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    (tmp_path / "bin").mkdir()

    def write(name: str, body: str) -> None:
        file = tmp_path / "bin" / name
        file.write_text(f"#!/bin/bash\n{body}\n")
        file.chmod(0o755)

    write("sbatch", "echo 17")
    for name in ("squeue", "scancel", "sinfo"):
        write(name, "exit 0")
    return write
