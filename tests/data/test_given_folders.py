"""Raw data that the user has are used as they are, in any layout; damaged files are named."""

import gzip

import pytest
from originals import assert_equals, prepared, refusal, snapshot


def test_given_folder_is_used_as_it_is(original, tmp_path):
    raw = tmp_path / "given"
    original.give(raw)
    before = snapshot(raw)
    assert_equals(prepared(original, tmp_path, raw), original)
    assert snapshot(raw) == before and original.server.requests == []


@pytest.mark.parametrize("folder", ["MNIST/raw", "mnist", "."])
@pytest.mark.parametrize("extracted", [True, False])
def test_layouts_of_mnist(mnist_original, tmp_path, folder, extracted):
    mnist_original.give(tmp_path / "given" / folder)
    if extracted:
        for path in (tmp_path / "given" / folder).glob("*.gz"):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
    assert_equals(prepared(mnist_original, tmp_path, tmp_path / "given"), mnist_original)
    assert mnist_original.server.requests == []


@pytest.mark.parametrize("folder", ["ptb", "simple-examples/data", "."])
def test_layouts_of_ptb(ptb_original, tmp_path, folder):
    ptb_original.give(tmp_path / "given" / folder)
    assert_equals(prepared(ptb_original, tmp_path, tmp_path / "given"), ptb_original)
    assert ptb_original.server.requests == []


def test_mnist_in_other_gzip_wrappers(mnist_original, tmp_path):
    mnist_original.give(tmp_path / "given")
    for path in (tmp_path / "given").iterdir():
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=12345))
    assert_equals(prepared(mnist_original, tmp_path, tmp_path / "given"), mnist_original)


@pytest.mark.parametrize("inside", [True, False])
def test_layouts_of_extracted_cifar(cifar10_original, tmp_path, inside):
    given = tmp_path / "given"
    base = cifar10_original.server.folder / "cifar-10-batches-py"
    given.mkdir()
    base.rename(given / base.name)
    raw = given / base.name if inside else given
    assert_equals(prepared(cifar10_original, tmp_path, raw), cifar10_original)
    assert cifar10_original.server.requests == []


def test_damaged_batch_of_cifar_is_named(cifar10_original, tmp_path):
    base = cifar10_original.server.folder / "cifar-10-batches-py"
    batch = base / "data_batch_3"
    batch.write_bytes(batch.read_bytes()[:-1])
    sentence = refusal(cifar10_original, tmp_path, base)
    assert f"{batch} is truncated or not the original" in sentence


def test_truncated_file_in_a_given_folder_is_named(original, tmp_path):
    raw = tmp_path / "given"
    original.give(raw)
    path = raw / original.files[0]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert f"{path} is truncated or not the original" in refusal(original, tmp_path, raw)
    assert original.server.requests == []
    assert path.exists(), "the user's file is the user's to delete"


def test_another_file_in_a_given_folder_is_named(original, tmp_path):
    raw = tmp_path / "given"
    original.give(raw)
    path = raw / original.files[0]
    path.write_bytes(gzip.compress(b"something else", mtime=0))
    assert f"{path} is truncated or not the original" in refusal(original, tmp_path, raw)
