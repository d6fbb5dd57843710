"""The real download code of torchvision, against a server on this machine."""

import gzip
import resource
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from originals import assert_equals, prepared, refusal, snapshot

from largebatch.data import ptb
from largebatch.data.load import load_dataset
from largebatch.data.prepare import prepare
from largebatch.errors import UserError


def visible(raw: Path) -> list[str]:
    """Files of a raw folder outside the hidden folder of an unfinished download."""
    files = (path.relative_to(raw) for path in raw.rglob("*") if path.is_file())
    return sorted(path.name for path in files if not path.parts[0].startswith("."))


def test_downloads_then_needs_no_network(original, tmp_path):
    assert_equals(prepared(original, tmp_path), original)
    asked, first = len(original.server.requests), (tmp_path / "data.safetensors").read_bytes()
    assert set(original.server.requests) == set(original.files)

    (tmp_path / "data.safetensors").unlink()
    before = snapshot(tmp_path / "raw")
    prepared(original, tmp_path)
    assert (tmp_path / "data.safetensors").read_bytes() == first
    assert len(original.server.requests) == asked
    assert snapshot(tmp_path / "raw") == before


def test_finished_download_leaves_no_partial_folder(original, tmp_path):
    prepared(original, tmp_path)
    assert not (tmp_path / f"raw/.{original.source}.partial").exists()


def test_file_that_vanishes_after_its_download_is_named(original, tmp_path, monkeypatch):
    module = "ptb" if original.source == "ptb" else "vision"
    monkeypatch.setattr(f"largebatch.data.{module}.download", lambda *_: None)
    sentence = refusal(original, tmp_path)
    assert "No such file" in sentence and original.files[0].removesuffix(".gz") in sentence


def test_altered_file_on_the_server_is_refused(original, tmp_path):
    path = original.server.folder / original.files[-1]
    path.write_bytes(gzip.compress(b"something else", mtime=0))
    sentence = refusal(original, tmp_path)
    assert "the transfer is incomplete or altered" in sentence
    assert visible(tmp_path / "raw") == []


def test_transfer_cut_short_is_refused_and_resumed(original, tmp_path):
    *whole, broken = original.files
    original.server.cut_short.add(broken)
    assert broken.removesuffix(".gz") in refusal(original, tmp_path)
    assert visible(tmp_path / "raw") == []

    original.server.cut_short.clear()
    original.server.requests.clear()
    assert_equals(prepared(original, tmp_path), original)
    assert set(original.server.requests) == {broken}, f"{whole} were whole and need no transfer"


def test_absent_file_on_the_server(original, tmp_path):
    (original.server.folder / original.files[0]).unlink()
    assert "HTTP Error 404" in refusal(original, tmp_path)
    assert visible(tmp_path / "raw") == []


def test_no_server(ptb_original, mnist_original, monkeypatch, tmp_path):
    from torchvision import datasets

    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        url = f"http://127.0.0.1:{closed_soon.getsockname()[1]}/"
    monkeypatch.setattr(datasets.MNIST, "mirrors", [url])
    monkeypatch.setattr(ptb, "URL", url)
    for original in (mnist_original, ptb_original):
        sentence = refusal(original, tmp_path)
        assert "Connection refused" in sentence and "put the files into" in sentence


def test_silent_server_times_out(ptb_original, monkeypatch, tmp_path):
    monkeypatch.setattr("largebatch.data.download.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts connections but never answers
        monkeypatch.setattr(ptb, "URL", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert "timed out" in refusal(ptb_original, tmp_path)
    assert socket.getdefaulttimeout() is None


def test_partial_file_of_a_killed_download_is_fetched_again(original, tmp_path):
    partial = tmp_path / f"raw/.{original.source}.partial"
    folder = {"mnist": partial / "MNIST/raw", "ptb": partial / "ptb"}.get(original.source, partial)
    original.give(folder)
    half = folder / original.files[0]
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    assert_equals(prepared(original, tmp_path), original)
    assert set(original.server.requests) == {original.files[0]}


def test_half_extracted_mnist_is_not_taken_as_whole(mnist_original, tmp_path):
    folder = tmp_path / "raw/.mnist.partial/MNIST/raw"
    mnist_original.give(folder)
    for name in mnist_original.files:
        (folder / name.removesuffix(".gz")).write_bytes(b"\0\0\x08")
    assert_equals(prepared(mnist_original, tmp_path), mnist_original)


def test_ptb_of_another_size_is_refused(ptb_original, monkeypatch, tmp_path):
    monkeypatch.setattr(ptb, "VOCABULARY", 10_000)
    assert "not the Penn Treebank of 10,000 words" in refusal(ptb_original, tmp_path)


def test_two_at_once_download_once(original, tmp_path):
    def one(name: str) -> None:
        out = tmp_path / f"{name}.safetensors"
        prepare(name, {"source": original.source}, tmp_path / "raw", out, True)

    threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in ("a", "b"):
        assert_equals(load_dataset(tmp_path / f"{name}.safetensors"), original)
    # torchvision asks twice for a file: once to follow redirects, once to read it.
    assert sorted(original.server.requests) == sorted(2 * original.files)


@contextmanager
def full_disk(free_bytes: int):
    """No file can grow beyond `free_bytes`, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_while_downloading(original, tmp_path):
    with full_disk(8):
        assert "File too large" in refusal(original, tmp_path)
    assert visible(tmp_path / "raw") == []
    assert_equals(prepared(original, tmp_path), original)


def test_full_disk_while_writing(original, tmp_path):
    original.give(tmp_path / "raw")
    with full_disk(8), pytest.raises(UserError, match="nothing was written"):
        prepared(original, tmp_path)
    assert not list(tmp_path.glob("*.safetensors*")) + list(tmp_path.glob(".data*"))


def test_progress_is_shown_on_request(original, tmp_path, capsys):
    prepared(original, tmp_path)
    assert capsys.readouterr().err == ""
    out = tmp_path / "again.safetensors"
    prepare("again", {"source": original.source}, tmp_path / "raw2", out, progress=True)
    assert "100%" in capsys.readouterr().err
