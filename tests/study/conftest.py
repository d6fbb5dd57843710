"""A repository in a temporary folder: the real config and schemas, and room for bad studies."""

import shutil
from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.study import load_study

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    for folder in ("config", "workflow/schemas"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def write(root):
    """write(name, text): the study config/studies/<name>.yaml."""

    def write(name: str, text: str) -> None:
        (root / "config/studies" / f"{name}.yaml").write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def refusal(root, write):
    """refusal(text): what `load_study` says of a study `bad` with that text."""

    def refusal(text: str) -> str:
        write("bad", text)
        with pytest.raises(UserError) as refused:
            load_study("bad", root)
        return str(refused.value)

    return refusal
