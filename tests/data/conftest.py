"""A local HTTP server, and tiny originals in the true formats for it to serve."""

import gzip
import hashlib
import os
import pickle
import shutil
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from largebatch.data import ptb, vision


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data beside the repository, where there is one."""
    beside = Path(__file__).parents[2].parent / "shared/data"
    folder = Path(os.environ.get("LARGEBATCH_REAL_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent (LARGEBATCH_REAL_DATA may name it)")
    return folder


class Server(ThreadingHTTPServer):
    """Serves a folder; can cut transfers short; remembers what was asked for."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.folder = folder
        self.cut_short: set[str] = set()
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up (torchvision does, to follow redirects) is no error."""


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        self.server.requests.append(name)
        if name not in self.server.cut_short:
            return super().do_GET()
        content = (self.server.folder / self.path.lstrip("/")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()
    with Server(folder) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@dataclass
class Original:
    """What a server offers for one source, and what a correct loader makes of it."""

    source: str
    server: Server
    files: list[str]  # as served
    tensors: dict[str, np.ndarray]

    def give(self, folder: Path) -> None:
        """Put the served files into a folder by hand."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.files:
            shutil.copy(self.server.folder / name, folder / name)


@pytest.fixture(params=["mnist", "cifar10", "cifar100", "ptb"])
def original(request, server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    return MAKERS[request.param](server, monkeypatch)


@pytest.fixture
def mnist_original(server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    return make_mnist(server, monkeypatch)


@pytest.fixture
def cifar10_original(server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    return make_cifar("cifar10", server, monkeypatch)


@pytest.fixture
def ptb_original(server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    return make_ptb(server, monkeypatch)


def make_mnist(server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    from torchvision import datasets

    rng = np.random.default_rng(0)
    tensors, contents = {}, {}
    for split, prefix, number in (("train", "train", 50), ("test", "t10k", 20)):
        images = rng.integers(256, size=(number, 28, 28), dtype=np.uint8)
        labels = rng.integers(10, size=number, dtype=np.uint8)
        tensors |= {f"{split}_images": images[:, None], f"{split}_labels": labels.astype(np.int64)}
        contents[f"{prefix}-images-idx3-ubyte"] = idx(images)
        contents[f"{prefix}-labels-idx1-ubyte"] = idx(labels)
    resources = []
    for name, content in contents.items():
        packed = gzip.compress(content, mtime=0)
        (server.folder / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", md5(packed)))
    monkeypatch.setattr(datasets.MNIST, "mirrors", [server.url])
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    monkeypatch.setattr(vision, "MNIST", {name: md5(content) for name, content in contents.items()})
    return Original("mnist", server, [name for name, _ in resources], tensors)


def make_cifar(source: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    from torchvision import datasets

    kind = {"cifar10": datasets.CIFAR10, "cifar100": datasets.CIFAR100}[source]
    label_key, classes = {"cifar10": ("labels", 10), "cifar100": ("fine_labels", 100)}[source]
    rng = np.random.default_rng(1)
    tensors, parts = {}, {}
    for split, listed in (("train", kind.train_list), ("test", kind.test_list)):
        images = rng.integers(256, size=(10 * len(listed), 3, 32, 32), dtype=np.uint8)
        labels = rng.integers(classes, size=len(images))
        tensors |= {f"{split}_images": images, f"{split}_labels": labels}
        for i, (name, _) in enumerate(listed):
            rows = slice(10 * i, 10 * i + 10)
            batch = {"data": images[rows].reshape(10, -1), label_key: labels[rows].tolist()}
            parts[name] = pickle.dumps(batch)
    names = [str(i) for i in range(classes)]
    parts[kind.meta["filename"]] = pickle.dumps({kind.meta["key"]: names})
    pack(server.folder, kind.base_folder, kind.filename, parts)
    archive = (server.folder / kind.filename).read_bytes()
    monkeypatch.setattr(kind, "url", f"{server.url}{kind.filename}")
    monkeypatch.setattr(kind, "tgz_md5", md5(archive))
    for key in ("train_list", "test_list"):
        listed = [[name, md5(parts[name])] for name, _ in getattr(kind, key)]
        monkeypatch.setattr(kind, key, listed)
    meta = kind.meta | {"md5": md5(parts[kind.meta["filename"]])}
    monkeypatch.setattr(kind, "meta", meta)
    return Original(source, server, [kind.filename], tensors)


def make_ptb(server: Server, monkeypatch: pytest.MonkeyPatch) -> Original:
    texts = {
        "train": " the cat saw the dog \n a dog saw N cats \n",
        "valid": " the dog \n",
        "test": " a cat saw a cat \n",
    }
    by_count = ["<eos>", "dog", "saw", "the", "N", "a", "cat", "cats"]  # then alphabetically
    ids = {word: i for i, word in enumerate(by_count)}
    tensors, digests = {}, {}
    for split, content in texts.items():
        words = content.replace("\n", "<eos>").split()
        tensors[f"{split}_tokens"] = np.array([ids[word] for word in words], dtype=np.int32)
        (server.folder / f"ptb.{split}.txt").write_text(content)
        digests[f"ptb.{split}.txt"] = md5(content.encode())
    monkeypatch.setattr(ptb, "URL", server.url)
    monkeypatch.setattr(ptb, "MD5", digests)
    monkeypatch.setattr(ptb, "PTB", {k[: -len("_tokens")]: len(t) for k, t in tensors.items()})
    monkeypatch.setattr(ptb, "VOCABULARY", len(ids))
    return Original("ptb", server, list(digests), tensors)


MAKERS = {
    "mnist": make_mnist,
    "cifar10": partial(make_cifar, "cifar10"),
    "cifar100": partial(make_cifar, "cifar100"),
    "ptb": make_ptb,
}


def pack(folder: Path, base: str, archive: str, parts: dict[str, bytes]) -> None:
    """A .tar.gz like CIFAR's: one folder of pickles."""
    (folder / base).mkdir()
    for name, content in parts.items():
        (folder / base / name).write_bytes(content)
    with tarfile.open(folder / archive, "w:gz") as tar:
        tar.add(folder / base, arcname=base)


def idx(array: np.ndarray) -> bytes:
    """The IDX format of MNIST: magic number, big-endian sizes, bytes."""
    sizes = np.array(array.shape, dtype=">i4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
