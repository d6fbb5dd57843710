"""What the small commands say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import PROJECT, Checkout
from test_incremental import FIRST, SECOND, run

from largebatch.cli.train import train
from largebatch.study import load_study

COMMANDS = ("runs", "status", "data", "train", "table", "figure")


def test_runs(checkout: Checkout) -> None:
    assert set(checkout.largebatch("runs").split()) == FIRST | SECOND
    assert checkout.largebatch("runs", "--missing") == ""
    (checkout.root / run()).unlink()
    assert checkout.largebatch("runs", "--missing").split() == [run()]


def test_status(checkout: Checkout) -> None:
    (checkout.root / run()).unlink()
    lines = checkout.largebatch("status").splitlines()
    assert lines[0].split() == [
        "figure",
        "done",
        "diverged",
        "running",
        "waiting",
        "failed",
        "drawn",
    ]
    assert lines[1].split() == ["fig1", "7", "0", "0", "1", "0", "yes"]
    assert lines[2].split() == ["fig2", "8", "0", "0", "0", "0", "yes"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    called = [sys.executable, "-m", "largebatch", command, "--help"]
    said = subprocess.run(called, capture_output=True, text=True, check=True).stdout
    assert f"Example: largebatch {command}" in said


def test_the_run_of_the_example_exists() -> None:
    example = re.search(r"Example: largebatch train (\S+) --study (\S+)", train.__doc__)
    name, study = example.groups()
    assert name in {run.name for run in load_study(study, PROJECT).runs}


def test_parsing_imports_no_torch() -> None:
    snakefile = (PROJECT / "Snakefile").read_text()
    imports = re.findall(r"^from largebatch[^(\n]*(?:\([^)]*\)|$)", snakefile, re.MULTILINE)
    assert imports
    code = "\n".join([*imports, "import sys", "assert 'torch' not in sys.modules"])
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_training_imports_torch(checkout: Checkout) -> None:
    code = (
        "import sys; sys.argv = ['largebatch', 'status']\n"
        "from largebatch.cli.app import app\n"
        "app(standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=checkout.root, env=checkout.environment, check=True
    )


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [("{", "no JSON object"), ("[1]", "no JSON object"), ('{"task": 1}', "it lacks batch, data, ")],
)
def test_a_spec_that_is_none(spec: str, sentence: str, tmp_path: Path) -> None:
    called = [sys.executable, "-m", "largebatch", "train", "--spec", spec]
    called += ["--data", "none", "--out", str(tmp_path / "run.parquet")]
    said = subprocess.run(called, cwd=PROJECT, capture_output=True, text=True)
    assert (said.returncode, list(tmp_path.iterdir())) == (2, [])
    assert f"largebatch: --spec: {sentence}" in said.stderr and "Traceback" not in said.stderr
