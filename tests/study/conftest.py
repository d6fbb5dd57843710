"""A repository in a temporary folder: the real config and schemas, and room for bad studies."""

import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.study import extends, load_study, validation
from largebatch.study.yaml_files import read_yaml

REPOSITORY = Path(__file__).parents[2]


PARSED: dict[tuple[Path, bytes], dict] = {}


def read_once(file: Path, root: Path = Path(".")) -> dict:
    """As `read_yaml`, which takes a tenth of a second for the demo, the paper and the schema."""
    if not (root / file).is_file():
        return read_yaml(file, root)
    known = file, (root / file).read_bytes()
    if known not in PARSED:
        PARSED[known] = read_yaml(file, root)
    return deepcopy(PARSED[known])


@pytest.fixture(autouse=True, scope="module")
def _files_are_parsed_once():
    with pytest.MonkeyPatch.context() as patch:
        for room in (extends, validation):
            patch.setattr(room, "read_yaml", read_once)
        yield


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
