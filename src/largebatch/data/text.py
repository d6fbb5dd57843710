"""Word-level text: each newline becomes <eos>, and the vocabulary is that of the train split."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from largebatch.data.own import own_files, read_own
from largebatch.errors import UserError
from largebatch.records.digest import file_digest

UNKNOWN = "<unk>"


def text(settings: dict, raw: Path | None = None, progress: bool = False) -> tuple[dict, dict]:
    """The user's own plain UTF-8 text files."""
    return encode_files(own_files(settings), read_own(settings, read_words))


def encode_files(paths: Mapping[str, Path], words: Mapping[str, list[str]]) -> tuple[dict, dict]:
    """Encode the `words` of {split: text file} as `<split>_tokens`, int32; and the facts.

    Words that are not in the vocabulary become <unk>.
    """
    vocabulary = build_vocabulary(words["train"])
    unknown = _unknown(words, vocabulary)
    if any(unknown.values()) and UNKNOWN not in vocabulary:
        vocabulary = [*vocabulary, UNKNOWN]
        unknown = _unknown(words, vocabulary)
    tensors = {f"{split}_tokens": encode(stream, vocabulary) for split, stream in words.items()}
    files = {split: file_digest(path) for split, path in paths.items()}
    return tensors, {"vocabulary": len(vocabulary), "unknown": unknown, "files": files}


def read_words(path: Path) -> list[str]:
    """The words of a text file, with <eos> for each line end."""
    try:
        content = path.read_text(encoding="utf-8-sig")  # a byte order mark is not part of a word
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not UTF-8 text ({error}): unpack it if it is packed, or save it as UTF-8."
        ) from error
    if "\0" in content:  # UTF-16 may also pass as UTF-8
        raise UserError(f"{path} is not UTF-8 text, as it has zero bytes: save it as UTF-8.")
    words = content.replace("\n", " <eos> ").split()
    if not words:
        raise UserError(f"{path} has no words: name a text file that does.")
    return words


def build_vocabulary(words: Iterable[str]) -> list[str]:
    """Words by decreasing count, then alphabetically; the position is the token id."""
    ranked = sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))
    return [word for word, _ in ranked]


def encode(words: list[str], vocabulary: list[str]) -> np.ndarray:
    """Token ids, int32 (len(words),)."""
    ids = {word: i for i, word in enumerate(vocabulary)}
    unknown = ids.get(UNKNOWN, -1)
    return np.fromiter((ids.get(word, unknown) for word in words), np.int32, len(words))


def _unknown(words: Mapping[str, list[str]], vocabulary: list[str]) -> dict[str, int]:
    known = set(vocabulary)
    return {split: sum(word not in known for word in stream) for split, stream in words.items()}


def text_facts(tensors: Mapping[str, np.ndarray]) -> dict:
    """Tokens per split."""
    counts = {name.removesuffix("_tokens"): len(tokens) for name, tokens in tensors.items()}
    return {"kind": "text", "counts": counts}
