"""A file is whole or absent, and killed writers leave nothing behind for long."""

import os
import socket
import subprocess
import sys

import pytest

from largebatch.records.atomic import replacing, write_bytes


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


def test_a_living_writer_is_left_alone(tmp_path):
    theirs = tmp_path / f".file.{socket.gethostname()}.{os.getppid()}.tmp"
    elsewhere = tmp_path / ".file.node-7.4242.tmp"
    for other in (theirs, elsewhere):
        other.write_bytes(b"half")
    write_bytes(tmp_path / "file", b"whole")
    assert theirs.exists() and elsewhere.exists()
    os.utime(elsewhere, (0, 0))
    write_bytes(tmp_path / "file", b"whole")
    assert theirs.exists() and not elsewhere.exists()
