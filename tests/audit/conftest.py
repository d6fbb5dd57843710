"""The tiny checkout, built once and copied for each test."""

import shutil
from pathlib import Path

import pytest
from tiny_checkout import Checkout, make_checkout

from largebatch.records import code_digest
from largebatch.records import record as record_room


@pytest.fixture(autouse=True)
def code_of_the_checkout(monkeypatch, request):
    """Records name the stand-in package's code; nothing is remembered between tests."""
    _use_code_of_root(monkeypatch)
    yield
    record_room.snapshot.cache_clear()


def _use_code_of_root(monkeypatch) -> None:
    record_room.snapshot.cache_clear()
    roots: list[Path] = []
    real = record_room.git_state
    monkeypatch.setattr(record_room, "git_state", lambda root: roots.append(root) or real(root))
    monkeypatch.setattr(
        record_room, "code_digest", lambda step: code_digest(step, roots[-1] / "src" / "largebatch")
    )


@pytest.fixture(scope="session")
def original(tmp_path_factory) -> Checkout:
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use_code_of_root(monkeypatch)
        return make_checkout(tmp_path_factory.mktemp("original"))


@pytest.fixture
def checkout(original, tmp_path) -> Checkout:
    root = tmp_path / "checkout"
    shutil.copytree(original.root, root)
    return Checkout(root, original.study)
