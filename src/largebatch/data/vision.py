"""CIFAR-10, CIFAR-100 and MNIST, downloaded and read by torchvision.

Files already in `raw` are used as they are, and then `raw` is not written to. What counts is the
MD5 of their content, not how they were packed.
"""

import gzip
import hashlib
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from largebatch.data.download import download
from largebatch.data.images import Tensors
from largebatch.errors import UserError

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

# What a broken archive raises. Not OSError: a full disk is no reason to delete a download.
BROKEN = (gzip.BadGzipFile, EOFError, zlib.error)
SPLITS = ("train", "test")
# MD5s of the decompressed files; torchvision knows only those of the .gz files.
MNIST = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def mnist(settings: dict, raw: Path, progress: bool = True) -> tuple[Tensors, dict]:
    """MNIST, (60000, 1, 28, 28) and (10000, 1, 28, 28)."""
    from torchvision import datasets

    def fetch(folder: Path) -> None:
        for name in MNIST:  # torchvision would take a half-extracted file for whole
            (folder / "MNIST/raw" / name).unlink(missing_ok=True)
        datasets.MNIST(folder, download=True)

    def missing() -> list[str]:
        return [name for name in MNIST if not _find_idx(raw, name).is_file()]

    download(raw, "mnist", missing, fetch, progress)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "MNIST/raw"
        folder.mkdir(parents=True)
        for name, md5 in MNIST.items():
            (folder / name).write_bytes(_checked(_find_idx(raw, name), md5))
        splits = {split: datasets.MNIST(root, train=split == "train") for split in SPLITS}
    tensors = {f"{split}_images": data.data.numpy()[:, None] for split, data in splits.items()}
    tensors |= {f"{split}_labels": data.targets.numpy() for split, data in splits.items()}
    return tensors, {"classes": 10}


def cifar10(settings: dict, raw: Path, progress: bool = True) -> tuple[Tensors, dict]:
    """CIFAR-10, (50000, 3, 32, 32) and (10000, 3, 32, 32), ten classes."""
    return _cifar("cifar10", "CIFAR10", raw, progress)


def cifar100(settings: dict, raw: Path, progress: bool = True) -> tuple[Tensors, dict]:
    """CIFAR-100, (50000, 3, 32, 32) and (10000, 3, 32, 32), a hundred (fine) classes."""
    return _cifar("cifar100", "CIFAR100", raw, progress)


def _cifar(source: str, name: str, raw: Path, progress: bool) -> tuple[Tensors, dict]:
    from torchvision import datasets
    from torchvision.datasets.utils import download_url

    kind = getattr(datasets, name)

    def missing() -> list[str]:
        found = _cifar_folder(kind, raw) or (raw / kind.filename).is_file()
        return [] if found else [kind.filename]

    def fetch(folder: Path) -> None:
        download_url(kind.url, folder, kind.filename, kind.tgz_md5)

    download(raw, source, missing, fetch, progress)
    with tempfile.TemporaryDirectory() as root:
        _lay_out_cifar(kind, raw, Path(root))
        splits = {split: kind(root, train=split == "train") for split in SPLITS}
    tensors = {}
    for split, data in splits.items():
        tensors[f"{split}_images"] = np.ascontiguousarray(data.data.transpose(0, 3, 1, 2))
        tensors[f"{split}_labels"] = np.asarray(data.targets, dtype=np.int64)
    return tensors, {"classes": len(splits["train"].classes)}


def _lay_out_cifar(kind: "type[CIFAR10]", raw: Path, root: Path) -> None:
    """Lay out verified files under `root` as torchvision does: linked to `raw`, or extracted."""
    folder = _cifar_folder(kind, raw)
    if folder is None:
        _extract_cifar(kind, raw / kind.filename, root)
        return
    for name, md5 in _cifar_files(kind).items():
        _checked(folder / name, md5)
    (root / kind.base_folder).symlink_to(folder.resolve(), target_is_directory=True)


def _extract_cifar(kind: "type[CIFAR10]", archive: Path, root: Path) -> None:
    from torchvision.datasets.utils import extract_archive

    try:
        extract_archive(archive, root)
    except (*BROKEN, tarfile.TarError) as error:
        raise _damaged(archive, str(error)) from error
    for name, md5 in _cifar_files(kind).items():
        try:
            _checked(root / kind.base_folder / name, md5)
        except (UserError, FileNotFoundError) as error:
            raise _damaged(archive, f"its {name} is missing or another file") from error


def _cifar_files(kind: "type[CIFAR10]") -> dict[str, str]:
    return dict(kind.train_list + kind.test_list) | {kind.meta["filename"]: kind.meta["md5"]}


def _cifar_folder(kind: "type[CIFAR10]", raw: Path) -> Path | None:
    for folder in (raw / kind.base_folder, raw):
        if all((folder / name).is_file() for name in _cifar_files(kind)):
            return folder
    return None


def _find_idx(raw: Path, name: str) -> Path:
    """Where the file is, or else where a download puts it."""
    folders = (raw / "MNIST/raw", raw / "mnist", raw)
    places = [folder / file for folder in folders for file in (name, f"{name}.gz")]
    return next(filter(Path.is_file, places), places[0])


def _checked(path: Path, md5: str) -> bytes:
    """The (decompressed) content of a file; raises UserError if it is not the original's."""
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except BROKEN as error:
        raise _damaged(path, str(error)) from error
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise _damaged(path, f"its content has MD5 {found} instead of {md5}")
    return content


def _damaged(path: Path, reason: str) -> UserError:
    reason = " ".join(reason.split()).rstrip(".")
    return UserError(
        f"{path} is truncated or not the original: {reason}; delete it to have it downloaded "
        "again, or put a whole copy there."
    )
