"""A file or folder is whole or absent, and killed writers leave nothing behind for long."""

import errno
import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from largebatch.records import write_table
from largebatch.records.atomic import only_one, replacing, replacing_folder, write_bytes


def test_an_error_keeps_the_old_content(tmp_path):
    path = tmp_path / "deep" / "file"
    write_bytes(path, b"old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old" and os.listdir(path.parent) == ["file"]


def test_the_content_is_on_the_disk_before_it_has_the_name(tmp_path, monkeypatch):
    path, seen = tmp_path / "file", []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append((os.fstat(file), path.exists())))
    write_bytes(path, b"whole")
    assert [(found.st_size, named) for found, named in seen] == [(5, False)]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    path = tmp_path / "file"
    script = (
        "import os, sys; from largebatch.records.atomic import replacing\n"
        "with replacing(sys.argv[1]) as temporary:\n"
        "    temporary.write_bytes(b'half'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, path])
    assert len(os.listdir(tmp_path)) == 1 and not path.exists()
    write_bytes(path, b"whole")
    assert os.listdir(tmp_path) == ["file"]


def test_a_name_with_characters_of_a_pattern(tmp_path):
    """Its own leftover is found, and that of the file which it would match as a pattern is not."""
    own, other = (tmp_path / f".{name}.node-7.4242.tmp" for name in ("fig[1]", "fig1"))
    for leftover in (own, other):
        leftover.write_bytes(b"half")
        os.utime(leftover, (0, 0))
    write_bytes(tmp_path / "fig[1]", b"whole")
    assert sorted(os.listdir(tmp_path)) == [other.name, "fig[1]"]


def test_a_living_writer_is_left_alone(tmp_path, monkeypatch):
    theirs = tmp_path / f".file.{socket.gethostname()}.{os.getppid()}.tmp"
    elsewhere = tmp_path / ".file.node-7.4242.tmp"
    for other in (theirs, elsewhere):
        other.write_bytes(b"half")
    write_bytes(tmp_path / "file", b"whole")
    assert theirs.exists() and elsewhere.exists()
    os.utime(elsewhere, (0, 0))
    write_bytes(tmp_path / "file", b"whole")
    assert theirs.exists() and not elsewhere.exists()

    def kill(*_):
        raise PermissionError  # it is another user's

    monkeypatch.setattr(os, "kill", kill)
    write_bytes(tmp_path / "file", b"whole")
    assert theirs.exists()


def test_two_threads_of_a_process_do_not_share_a_temporary_file(tmp_path):
    path = tmp_path / "file"
    with replacing(path) as one:
        one.write_bytes(b"one")
        with replacing(path) as other:
            other.write_bytes(b"other")
        assert path.read_bytes() == b"other"
    assert path.read_bytes() == b"one" and os.listdir(tmp_path) == ["file"]


def make(folder: Path, content: str) -> None:
    with replacing_folder(folder) as new:
        new.mkdir()
        (new / "file").write_text(content)


def only(folder: Path) -> str:
    """The content of the folder, once it is certain that nothing lies beside it."""
    assert os.listdir(folder.parent) == [folder.name] and os.listdir(folder) == ["file"]
    return (folder / "file").read_text()


def test_an_error_keeps_the_old_folder(tmp_path):
    folder = tmp_path / "folder"
    make(folder, "old")
    with pytest.raises(RuntimeError), replacing_folder(folder) as new:
        new.mkdir()
        raise RuntimeError
    assert only(folder) == "old"
    with pytest.raises(FileNotFoundError), replacing_folder(folder):
        pass  # nothing is made: the last rename fails
    assert only(folder) == "old"
    make(folder, "new")
    assert only(folder) == "new"


KILLED = """
import os, sys
from pathlib import Path
from largebatch.records.atomic import replacing_folder
whole, called = os.replace, []
def replace(*names):
    called.append(names)
    if len(called) == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
    whole(*names)
os.replace = replace
with replacing_folder(sys.argv[1]) as new:
    new.mkdir()
    (new / "file").write_text("half")
"""


@pytest.mark.parametrize("rename", ["1", "2"])
def test_a_folder_is_restored_after_a_kill_before_either_rename(tmp_path, rename):
    folder = tmp_path / "folder"
    make(folder, "old")
    subprocess.run([sys.executable, "-c", KILLED, folder, rename])
    assert folder.exists() == (rename == "1") and len(os.listdir(tmp_path)) == 2
    with pytest.raises(RuntimeError), replacing_folder(folder):
        raise RuntimeError
    assert only(folder) == "old"


def test_without_locks_nobody_waits(tmp_path, monkeypatch):
    """Some file systems of clusters have none; what is done inside still fails if it fails."""

    def flock(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(OSError, match="inside"), only_one(tmp_path / "file"):
        raise OSError("inside")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_bytes(path, b"1"),
        lambda path: write_table(path, pa.table({"a": [1]}), {}),
        lambda path: make(path, "new"),
        lambda path: only_one(path).__enter__(),
    ],
)
def test_where_no_file_can_be_made_the_error_names_the_one_that_users_know(write):
    """Not a hidden one beside it."""
    path = "/proc/sys/file"  # not even root can make it
    with pytest.raises(OSError, match="No such file") as said:
        write(Path(path))
    assert (said.value.filename, said.value.strerror) == (path, os.strerror(errno.ENOENT))


@pytest.mark.parametrize("replace", [replacing, replacing_folder])
def test_on_a_full_disk_the_error_names_the_file_but_another_s_error_stays(tmp_path, replace):
    path, other = tmp_path / "file", tmp_path / "other"
    with pytest.raises(OSError, match="No space") as said, replace(path) as temporary:
        raise OSError(errno.ENOSPC, f"Error writing bytes to {temporary}")  # as pyarrow says it
    assert (said.value.filename, said.value.strerror) == (str(path), os.strerror(errno.ENOSPC))
    with pytest.raises(FileNotFoundError) as said, replace(path):
        other.read_bytes()
    assert said.value.filename == str(other)
