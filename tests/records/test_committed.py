"""What commits contain is read as it is stored, and patches are applied to it."""

import shutil
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from gitting import git
from small_repository import make_repository

from largebatch.records.committed import apply_patch, committed_files, committed_text, last_commit
from largebatch.records.git import git_state

WHOLE = {"src/schedule.py": b"RATE = 0.5\n"}


def files_of(root, commit=None) -> dict[str, bytes]:
    return committed_files(root, commit or last_commit(root), "src")


@pytest.fixture
def unpacked(checkout):
    """The commit's files below src, in a folder inside another repository."""
    folder = checkout / "unpacked"
    for name, content in files_of(checkout).items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_kept_patch_is_applied_to_its_commit(checkout, unpacked):
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25  \n")
    (checkout / "src" / "new.py").write_text("X = 1")
    (checkout / "Snakefile").write_text("rule all:\n")
    patch = git_state(checkout).patch
    assert apply_patch(patch, "src", unpacked)
    found = {path.name: path.read_text() for path in unpacked.rglob("*") if path.is_file()}
    assert found == {"schedule.py": "RATE = 0.25  \n", "new.py": "X = 1"}
    assert not apply_patch(patch, "src", unpacked)


def test_what_cannot_be_applied(checkout, unpacked):
    assert not apply_patch(b"", "src", unpacked)
    assert not apply_patch(b"diff --git src/a src/b\n", "src", unpacked)
    (checkout / "src" / "weights.bin").write_bytes(b"\xff\x00\xfe")
    assert not apply_patch(git_state(checkout).patch, "src", unpacked)


@pytest.mark.parametrize("commit", ["--output=stolen", "0" * 40, "../checkout"])
def test_what_is_no_commit_has_no_files(checkout, commit):
    assert committed_files(checkout, commit, "src") == {}
    assert not (checkout / "stolen").exists()


def test_the_id_of_a_folder_is_no_commit(checkout):
    assert committed_files(checkout, git(checkout, "rev-parse", "HEAD^{tree}"), "src") == {}


def test_below_the_top_of_the_repository(checkout):
    (checkout / "inside" / "src").mkdir(parents=True)
    (checkout / "inside" / "src" / "own.py").write_text("X = 1\n")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "inside")
    assert files_of(checkout / "inside") == {"src/own.py": b"X = 1\n"}
    assert committed_text(checkout / "inside", "src/own.py") == "X = 1\n"


def test_a_repository_with_longer_ids(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    make_repository(tmp_path / "other")
    assert len(last_commit(tmp_path / "other")) == 64 and files_of(tmp_path / "other") == WHOLE


def test_a_patch_of_a_checkout_below_the_top_of_the_repository(checkout, tmp_path):
    inside = checkout / "inside"
    make_repository(inside)
    shutil.rmtree(inside / ".git")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "inside")
    shutil.copytree(inside, tmp_path / "unpacked")
    (inside / "src" / "schedule.py").write_text("RATE = 0.25\n")
    (inside / "src" / "new.py").write_text("X = 1\n")
    state = git_state(inside)
    assert state.changed == ["src/schedule.py", "src/new.py"]
    assert apply_patch(state.patch, "src", tmp_path / "unpacked")
    found = {path.name: path.read_text() for path in (tmp_path / "unpacked/src").iterdir()}
    assert found == {"schedule.py": "RATE = 0.25\n", "new.py": "X = 1\n"}


@pytest.mark.parametrize("attribute", ["filter=other", "export-ignore", "export-subst"])
def test_attributes_and_filters_of_a_checkout_change_nothing(checkout, attribute):
    (checkout / ".git" / "info" / "attributes").write_text(f"*.py {attribute}\n")
    git(checkout, "config", "filter.other.smudge", "sed s/0.5/0.25/")
    assert files_of(checkout) == WHOLE


def test_an_object_that_was_replaced_is_still_itself(checkout):
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25\n")
    git(checkout, "add", "-A")
    first = git(checkout, "rev-parse", "HEAD")
    git(checkout, "commit", "-qm", "second")
    git(checkout, "replace", first, "HEAD")
    assert committed_files(checkout, first, "src") == WHOLE


def test_the_environment_leads_to_no_other_commit(checkout, tmp_path, monkeypatch):
    make_repository(tmp_path / "other")
    git(tmp_path / "other", "rm", "-rq", "src")
    git(tmp_path / "other", "commit", "-qm", "empty")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert files_of(checkout) == WHOLE
    assert committed_text(checkout, "src/schedule.py") == "RATE = 0.5\n"


def test_what_is_no_regular_file_is_left_out(checkout):
    """A forged folder may hold a file whose path leads outside."""
    (checkout / "src" / "link.py").symlink_to("/etc/passwd")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "a link")
    assert files_of(checkout) == WHOLE
    blob = git(checkout, "rev-parse", "HEAD:src/schedule.py")
    names = (b"..", b"../../stolen.py", b"a.py")
    forged = b"".join(b"100644 %s\0%s" % (name, bytes.fromhex(blob)) for name in names)
    store = ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    src = git(checkout, *store, given=forged)
    tree = git(checkout, "mktree", given=f"040000 tree {src}\tsrc\n")
    commit = git(checkout, "commit-tree", tree, "-m", "outside")
    assert [*committed_files(checkout, commit, "src")] == ["src/a.py"]


def test_a_commit_that_lost_a_file_has_none(checkout):
    objects(checkout, "HEAD:src/schedule.py").unlink()
    assert files_of(checkout) == {} and committed_text(checkout, "src/schedule.py") is None
    assert committed_text(checkout, "src/other.py") == ""


def test_a_working_tree_elsewhere_changes_nothing(checkout, tmp_path):
    git(checkout, "config", "core.worktree", str(tmp_path))
    assert files_of(checkout) == WHOLE
    assert committed_text(checkout, "src/schedule.py") == "RATE = 0.5\n"


def objects(checkout, name) -> Path:
    """The file in which git keeps an object."""
    id = git(checkout, "rev-parse", name)
    return checkout / ".git" / "objects" / id[:2] / id[2:]


@pytest.mark.parametrize("name", ["HEAD:src/schedule.py", "HEAD:src", "HEAD"])
def test_an_object_with_the_id_of_another_is_none(checkout, name):
    """git itself believes the names of its files."""
    before = objects(checkout, name)
    (checkout / "src" / "schedule.py").write_text("RATE = 0.25\n")
    git(checkout, "commit", "-qam", "other")
    commit = git(checkout, "rev-parse", "HEAD^")
    before.chmod(0o600)
    before.write_bytes(objects(checkout, name).read_bytes())
    assert git(checkout, "show", f"{commit}:src/schedule.py") == "RATE = 0.25"
    assert files_of(checkout, commit) == {}


def test_a_checkout_of_another_user_is_read(checkout, monkeypatch):
    """As on a mounted disk; git alone would refuse it."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(CalledProcessError):
        git(checkout, "status")
    assert last_commit(checkout) and committed_text(checkout, "README.md") == "hello\n"


def test_without_git_nobody_knows_what_was_committed(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert committed_text(checkout, "README.md") is None
    shutil.rmtree(checkout / ".git")
    assert committed_text(checkout, "README.md") == ""


def test_a_branch_that_is_gone_is_not_a_repository_without_commits(checkout):
    """Git itself says of both that there is no commit yet."""
    shutil.rmtree(checkout / ".git" / "refs" / "heads")
    (checkout / ".git" / "refs" / "heads").mkdir()
    (checkout / ".git" / "packed-refs").unlink(missing_ok=True)
    assert last_commit(checkout) is None and committed_text(checkout, "README.md") is None
    shutil.rmtree(checkout / ".git")
    git(checkout, "init", "-q")
    git(checkout, "add", "-A")
    assert committed_text(checkout, "README.md") == ""
