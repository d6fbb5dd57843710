"""Plain text files as a dataset."""

import gzip

import numpy as np
import pytest

from largebatch.data.text import build_vocabulary, encode_files, read_words, text
from largebatch.errors import UserError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.txt").write_text("b a b\nc b a\n", encoding="utf-8")
    (tmp_path / "test.txt").write_text("a ü\n", encoding="utf-8")
    (tmp_path / "other.txt").write_text("a b c", encoding="utf-8")
    return tmp_path


def settings(folder, **files):
    names = {"train": "train.txt", "test": "test.txt"} | files
    paths = {split: str(folder / name) for split, name in names.items()}
    return {"source": "text", **paths}


def test_vocabulary_is_by_falling_count_then_alphabetical():
    assert build_vocabulary(["d", "b", "a", "b", "c", "a"]) == ["a", "b", "c", "d"]


def test_line_ends_are_tokens_and_unknown_words_are_unk(folder):
    tensors, facts = text(settings(folder))
    # b 3, <eos> 2, a 2, c 1, then <unk>
    assert tensors["train_tokens"].tolist() == [0, 2, 0, 1, 3, 0, 2, 1]
    assert tensors["test_tokens"].tolist() == [2, 4, 1]
    assert tensors["test_tokens"].dtype == np.int32
    assert facts["vocabulary"] == 5
    assert facts["unknown"] == {"train": 0, "test": 1}


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa b\n", b"a b\r\n"])
def test_marks_and_line_ends_of_windows_are_no_words(tmp_path, content):
    (tmp_path / "a.txt").write_bytes(content)
    assert read_words(tmp_path / "a.txt") == ["a", "b", "<eos>"]


def test_which_file_plays_which_split_can_be_set(folder):
    tensors, facts = text(settings(folder, test="train.txt", valid="other.txt"))
    assert tensors["test_tokens"].tolist() == tensors["train_tokens"].tolist()
    assert tensors["valid_tokens"].tolist() == [2, 0, 3]
    assert facts["vocabulary"] == 4
    assert set(facts["files"]) == {"train", "test", "valid"}


def test_unk_of_the_text_itself_is_used(tmp_path):
    (tmp_path / "a.txt").write_text("x <unk> x <unk> <unk>")
    (tmp_path / "b.txt").write_text("x y")
    paths = {"train": tmp_path / "a.txt", "test": tmp_path / "b.txt"}
    tensors, facts = encode_files(paths, {split: read_words(path) for split, path in paths.items()})
    assert facts["vocabulary"] == 2
    assert tensors["test_tokens"].tolist() == [1, 0]


def test_unusable_files_are_named(folder):
    with pytest.raises(
        UserError, match=r"^test: there is no file .*no\.txt; put it there, or correct its name\.$"
    ):
        text(settings(folder, test="no.txt"))
    (folder / "empty.txt").write_text(" ")
    with pytest.raises(UserError, match=r"empty\.txt has no words"):
        text(settings(folder, train="empty.txt"))
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(UserError, match=r"^train: .*latin\.txt is not UTF-8 text .* save it as U"):
        text(settings(folder, train="latin.txt"))
    (folder / "packed.txt").write_bytes(gzip.compress(b"a b"))
    with pytest.raises(UserError, match=r"^test: .*packed\.txt is not UTF-8 .* unpack it if it is"):
        text(settings(folder, test="packed.txt"))
    with pytest.raises(UserError, match=r"^train: .* is a folder; name a file in it\.$"):
        text(settings(folder, train="."))
    (folder / "wide.txt").write_text("a b", encoding="utf-16-le")
    with pytest.raises(UserError, match=r"wide\.txt is not UTF-8 text, as it has zero bytes"):
        text(settings(folder, train="wide.txt"))
    with pytest.raises(UserError, match="needs train and test"):
        text({"source": "text"})
