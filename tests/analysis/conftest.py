"""Run files in a temporary checkout."""

import os
from pathlib import Path

import pytest
from small_study import Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # hundreds of files that no power cut harms
    return Files(tmp_path)
