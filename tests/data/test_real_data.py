"""The real MNIST, PTB and CIFAR-10 (a JPEG copy), where they lie beside the repository."""

import socket

import numpy as np
import pyarrow.parquet as pq
import pytest

from largebatch.data import ptb
from largebatch.data.load import load_dataset
from largebatch.data.prepare import prepare
from largebatch.data.text import read_words
from largebatch.errors import UserError
from largebatch.study.sizes import PTB


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise OSError("a test asked for the network")

    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize("folder", ["mnist", "."])
def test_real_mnist(real_data, tmp_path, folder):
    out = tmp_path / "mnist.safetensors"
    prepare("mnist", {"source": "mnist"}, real_data / folder, out, progress=False)
    dataset = load_dataset(out)
    assert dataset.train_images.shape == (60_000, 1, 28, 28)
    assert dataset.test_images.shape == (10_000, 1, 28, 28)
    assert dataset.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert dataset.facts["mean"] == [pytest.approx(0.1307, abs=5e-5)]  # as everybody quotes them
    assert dataset.facts["std"] == [pytest.approx(0.3081, abs=5e-5)]


def test_real_cifar10_as_jpeg(real_data, tmp_path):
    out, source = tmp_path / "jpeg.safetensors", real_data / "cifar10-jpeg/test.parquet"
    pq.write_table(pq.read_table(source).slice(1), tmp_path / "train.parquet")
    settings = {
        "source": "parquet-images",
        "train": str(tmp_path / "train.parquet"),  # the smaller file serves as both
        "test": str(source),
        "image_column": "jpeg",
        "train_limit": 2_000,
    }
    prepare("jpeg", settings, tmp_path, out, progress=False)
    dataset = load_dataset(out)
    assert dataset.test_images.shape == (10_000, 3, 32, 32)
    assert np.bincount(dataset.train_labels).tolist() == [200] * 10
    # Close to CIFAR-10's own (0.491, 0.482, 0.447): Zagoruyko & Komodakis' (125.3, 123.0, 113.9).
    np.testing.assert_allclose(dataset.facts["mean"], [0.491, 0.482, 0.447], atol=0.02)


def test_real_ptb_files_are_those_that_the_loader_expects(real_data):
    for split in ("valid", "test"):
        path = real_data / f"ptb/ptb.{split}.txt"
        assert ptb._checked(path, ptb.MD5[path.name]) == path
        assert len(read_words(path)) == PTB[split]


def test_real_ptb_without_its_train_file_asks_for_that_file_alone(real_data, tmp_path):
    raw = tmp_path / "raw"
    (raw / "ptb").mkdir(parents=True)
    for split in ("valid", "test"):
        (raw / f"ptb/ptb.{split}.txt").symlink_to(real_data / f"ptb/ptb.{split}.txt")
    with pytest.raises(UserError, match=r"cannot download ptb \(ptb\.train\.txt not in "):
        prepare("ptb", {"source": "ptb"}, raw, tmp_path / "ptb.safetensors", progress=False)


def test_real_text(real_data, tmp_path):
    out = tmp_path / "text.safetensors"
    settings = {
        "source": "text",
        "train": str(real_data / "ptb/ptb.valid.txt"),
        "test": str(real_data / "ptb/ptb.test.txt"),
    }
    prepare("text", settings, tmp_path, out, progress=False)
    dataset = load_dataset(out)
    assert len(dataset.train_tokens) == 70_390 + 3_370
    assert len(dataset.test_tokens) == 78_669 + 3_761
    assert int(dataset.train_tokens.max()) == dataset.facts["vocabulary"] - 1 == 6_021
