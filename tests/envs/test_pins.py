"""The lock, the conda file and pyproject.toml name the same software."""

import re
import tomllib
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]


def direct_dependencies() -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in wanted}


def locked() -> dict[str, str]:
    text = (PROJECT / "envs/pipeline.lock").read_text()
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_conda_file_has_the_pins_of_the_lock() -> None:
    content = yaml.safe_load((PROJECT / "envs/environment.yaml").read_text())
    pins = dict(line.split("==") for line in content["dependencies"][-1]["pip"])
    assert pins == {name: locked()[name] for name in direct_dependencies()}


def test_the_lock_has_hashes_and_no_address() -> None:
    text = (PROJECT / "envs/pipeline.lock").read_text()
    assert text.count("--hash=sha256:") >= len(locked())
    assert "://" not in text
