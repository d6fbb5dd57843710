"""What is read about a run's surroundings (git, packages, machine); nothing is made up."""

import sys
from types import SimpleNamespace

import pytest
from gitting import git
from small_repository import make_repository

from largebatch.errors import UserError
from largebatch.records.committed import apply_patch
from largebatch.records.context import (
    SLURM,
    hardware,
    lock_digest,
    locked_versions,
    packages,
    slurm_job,
)
from largebatch.records.digest import sha256
from largebatch.records.git import git_state
from largebatch.records.patches import changed_files
from largebatch.records.tree import Tree, check_tree


def test_a_clean_checkout(checkout):
    (checkout / "README.md").write_text("docs are not watched\n")
    (checkout / "notes.txt").write_text("nor is this\n")
    (checkout / "config").mkdir(exist_ok=True)
    (checkout / "config/cluster.yaml").write_text("a partition changes no number\n")
    state = git_state(checkout)
    assert state.facts == {"commit": git(checkout, "rev-parse", "HEAD"), "dirty": False}
    assert state.patch == b""


def test_a_dirty_checkout_comes_back_from_its_patch(checkout):
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25\n")
    (checkout / "src" / "new.py").write_text('X = 1\ns = "a\u2028b"\n# no newline at the end: é')
    (checkout / "src" / "empty.py").write_text("")
    state = git_state(checkout)
    assert state.facts["dirty"] and state.facts["patch"] == sha256(state.patch)
    wanted = {path.name: path.read_bytes() for path in (checkout / "src").iterdir()}
    git(checkout, "checkout", "-q", ".")
    git(checkout, "clean", "-qf")
    (checkout / "it.patch").write_bytes(state.patch)
    git(checkout, "apply", "it.patch")
    assert {path.name: path.read_bytes() for path in (checkout / "src").iterdir()} == wanted


def test_a_file_that_was_renamed_is_two_changes(checkout):
    """So that a patch can be applied to one folder, whatever else it is about."""
    (checkout / "config").mkdir()
    git(checkout, "mv", "src/schedule.py", "config/schedule.py")
    assert git_state(checkout).changed == ["config/schedule.py", "src/schedule.py"]


def test_what_cannot_be_read_is_a_change_all_the_same(checkout):
    """Such as an editor's lock (a dangling link), or a repository inside this one."""
    (checkout / "src" / ".#schedule.py").symlink_to("me@host.1")
    (checkout / "src" / "sub").mkdir()
    git(checkout / "src" / "sub", "init", "-q")
    state = git_state(checkout)
    assert state.changed == ["src/.#schedule.py", "src/sub/"]
    assert not apply_patch(state.patch, "src", checkout)


@pytest.mark.parametrize("key", ["noprefix", "mnemonicPrefix"])
def test_ones_configuration_of_git_changes_no_patch(checkout, key):
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25\n")
    usual = git_state(checkout)
    git(checkout, "config", f"diff.{key}", "true")
    git(checkout, "config", "color.diff", "always")
    assert git_state(checkout) == usual and usual.changed == ["src/schedule.py"]


def test_ones_configuration_of_git_leaves_the_context_of_a_patch(checkout):
    """Without context it could not be applied later."""
    (checkout / "src" / "schedule.py").write_text("RATE = 0.5\n# and so on\n")
    usual = git_state(checkout)
    git(checkout, "config", "diff.context", "0")
    assert git_state(checkout) == usual and b"\n RATE" in usual.patch


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"])
def test_the_environment_leads_to_no_other_repository(checkout, tmp_path, monkeypatch, name):
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25\n")
    usual = git_state(checkout)
    make_repository(tmp_path / "other")
    git(tmp_path / "other", "rm", "-rq", "src")
    elsewhere = {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index", "GIT_WORK_TREE": ""}[name]
    monkeypatch.setenv(name, str(tmp_path / "other" / elsewhere))
    assert git_state(checkout) == usual and usual.changed == ["src/schedule.py"]


def test_files_of_a_patch_that_git_quotes():
    quoted = rb'diff --git "a/config/\303\244.yaml" "b/config/\303\244.yaml"'
    found = changed_files(quoted + b"\ndiff --git a/Snakefile b/Snakefile\n")
    assert found == [r"config/\303\244.yaml", "Snakefile"]


def test_bytes_that_are_not_text_still_make_it_dirty(checkout):
    (checkout / "src" / "weights.bin").write_bytes(b"\xff\x00\xfe")
    state = git_state(checkout)
    assert state.facts["dirty"] and sha256(b"\xff\x00\xfe").encode() in state.patch


def test_what_git_fails_to_say_is_not_clean(checkout):
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25\n")
    blob = git(checkout, "rev-parse", "HEAD:src/schedule.py")
    (checkout / ".git" / "objects" / blob[:2] / blob[2:]).unlink()  # `git diff` needs it
    state = git_state(checkout)
    assert state.facts == {"commit": git(checkout, "rev-parse", "HEAD"), "dirty": True}
    with pytest.raises(UserError, match="git fails, so it is not known what is committed"):
        check_tree(Tree.CLEAN, checkout)
    assert "tell why); the records say so." in check_tree(Tree.ANY, checkout)
    git(checkout, "config", "diff.orderFile", "not-there")  # then `git status` fails as well
    assert git_state(checkout).facts == {}
    with pytest.raises(UserError, match="git fails"):
        check_tree(Tree.CLEAN, checkout)


def test_no_git_no_facts(tmp_path, checkout, monkeypatch):
    assert git_state(tmp_path).facts == {}
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q")  # and no commit yet
    assert git_state(tmp_path / "new").facts == {}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(checkout).facts == {}
    assert check_tree(Tree.CLEAN, checkout) is None


def test_the_lock_and_what_is_installed(tmp_path):
    assert lock_digest(tmp_path) is None and locked_versions(tmp_path) == {}
    (tmp_path / "envs").mkdir()
    lock = "numpy==2.0 \\\n    --hash=sha256:00\nno-such-package-here==1 ; python_version > '3'\n"
    (tmp_path / "envs" / "pipeline.lock").write_text(lock)
    assert lock_digest(tmp_path) == sha256(lock.encode())
    assert locked_versions(tmp_path) == {"numpy": "2.0", "no-such-package-here": "1"}
    installed = packages(tmp_path)
    assert {"python", "numpy", "pyarrow"} <= set(installed)
    assert "no-such-package-here" not in installed


def test_slurm_facts_come_from_the_job(monkeypatch):
    for name in SLURM.values():
        monkeypatch.delenv(name, raising=False)
    assert slurm_job() == {}
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("SLURM_JOB_PARTITION", "")
    assert slurm_job() == {"job": "7"}


def broken():
    raise RuntimeError("no such thing")


def test_hardware_leaves_out_what_it_cannot_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    plain = hardware()
    assert plain["cores"] > 0 and "gpu" not in plain and "threads" not in plain
    torch = SimpleNamespace(
        get_num_threads=lambda: 1,
        version=SimpleNamespace(cuda="12.8"),
        cuda=SimpleNamespace(is_initialized=lambda: True, get_device_name=lambda: "NVIDIA H100"),
        get_float32_matmul_precision=broken,
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    facts = hardware()
    assert facts["gpu"] == "NVIDIA H100" and facts["cuda"] == "12.8" and facts["threads"] == 1
    assert "cudnn" not in facts and "matmul_precision" not in facts and None not in facts.values()
