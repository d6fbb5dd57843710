"""`train --spec` and `data --settings`: what the workflow passes, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkout import PROJECT
from typer.testing import CliRunner

from largebatch.cli.app import app
from largebatch.cli.spec import TASK, read_spec
from largebatch.errors import UserError
from largebatch.study import load_study
from largebatch.study.extends import study_names
from largebatch.study.load import STUDIES

DEMO = load_study("demo", PROJECT)
SPEC = DEMO.spec(next(run for run in DEMO.runs if run.optimizer == "sgd"))


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch) -> None:
    monkeypatch.chdir(PROJECT)


def refused(*arguments: str, folder: Path) -> str:
    """What `largebatch` says, which refuses and writes nothing into the folder."""
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, UserError) or done.exit_code == 2, done
    assert list(folder.iterdir()) == []
    return str(done.exception) if isinstance(done.exception, UserError) else done.output


def refused_run(*arguments: str, folder: Path) -> str:
    given = ("--data", "none", "--out", str(folder / "run.parquet"))
    return refused("train", *arguments, *given, folder=folder)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [("{", "not a JSON object"), ("[1]", "not a JSON object"), ('{"task": 1}', "it lacks batch, ")],
)
def test_a_spec_that_is_none(spec: str, sentence: str, tmp_path: Path) -> None:
    assert f"--spec: {sentence}" in refused_run("--spec", spec, folder=tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("task", 1, "task: it must be an object, not 1"),
        ("batch", 0, "batch: it must be a whole number of at least 1, not 0"),
        ("batch", "64", 'batch: it must be a whole number of at least 1, not "64"'),
        ("seed", True, "seed: it must be a whole number of at least 0, not true"),
        ("effective_lr", float("nan"), "effective_lr: it must be a number above 0, not NaN"),
        ("optimizer", "adam", "optimizer: 'adam' is no optimizer"),
        ("momentum", 0.5, "momentum: it is 0 in 'sgd', not 0.5"),
    ],
)
def test_a_spec_that_cannot_be_trained(
    key: str, value: object, sentence: str, tmp_path: Path
) -> None:
    spec = json.dumps(SPEC | {key: value})
    assert f"--spec: {sentence}" in refused_run("--spec", spec, folder=tmp_path)


def test_a_spec_whose_task_lacks_a_key(tmp_path: Path) -> None:
    spec = json.dumps(SPEC | {"task": {k: v for k, v in SPEC["task"].items() if k != "precision"}})
    assert "--spec: task: it lacks precision" in refused_run("--spec", spec, folder=tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("epochs", "three", "task.epochs: give it a whole number, not 'three'"),
        ("epochs", 0, "task.epochs: it must be at least 1, not 0"),
        ("model", {"kind": "nope"}, "task.model.kind: 'nope' is unknown; use autoencoder, lstm or"),
        ("model", {"kind": "wrn", "depht": 16}, "task.model.depht: unknown key; write 'depth', or"),
        ("schedule", {}, "task.schedule.kind: this key is missing; set it to constant, "),
        ("precision", "fp7", "task.precision: 'fp7' is unknown; use fp32, tf32 or bf16"),
        ("name", 5, "task.name: it must be a string, not 5"),
        ("epoch", 3, "task.epoch: unknown key; write 'epochs', or another of "),
    ],
)
def test_a_spec_whose_task_no_study_could_have(key, value, sentence) -> None:
    with pytest.raises(UserError) as said:
        read_spec(json.dumps(SPEC | {"task": SPEC["task"] | {key: value}}))
    assert str(said.value).startswith(f"--spec: {sentence}")


def test_a_spec_whose_settings_do_not_fit_each_other(tmp_path: Path) -> None:
    """What no schema can say."""
    text = next(task for task in DEMO.tasks.values() if task.model["kind"] == "lstm")
    spec = SPEC | {"task": {"name": text.name, **text.settings, "precision": "bf16"}}
    said = refused_run("--spec", json.dumps(spec), folder=tmp_path)
    assert "--spec: task.precision: a model of kind lstm cannot be trained in bf16; use " in said


@pytest.mark.parametrize("name", study_names(PROJECT / STUDIES))
def test_every_spec_of_every_study_can_be_read(name: str) -> None:
    study = load_study(name, PROJECT)
    runs = list(study.by_file.values())  # also those of sweeps that are off
    for found in runs:
        assert read_spec(json.dumps(study.spec(found))) == study.spec(found)


def test_reading_a_spec_imports_no_torch() -> None:
    code = "import sys; from largebatch.cli.spec import read_spec; read_spec(sys.argv[1])\n"
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, json.dumps(SPEC)], cwd=PROJECT, check=True)


def test_what_every_task_has_is_what_the_schema_requires() -> None:
    schema = yaml.safe_load((PROJECT / "workflow/schemas/study.schema.yaml").read_text())
    assert {"name", *schema["$defs"]["task"]["required"]} == TASK


@pytest.mark.parametrize("option", ["device", "kernels", "convolutions", "tree"])
def test_a_choice_that_is_none(option: str, tmp_path: Path) -> None:
    said = refused_run("--spec", json.dumps(SPEC), f"--{option}", "nosuch", folder=tmp_path)
    assert f"Invalid value for '--{option}'" in said and "'nosuch' is not one of" in said


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("[]", "not a JSON object"),
        ("", "not a JSON object"),
        ('{"source": "digits", "test_exmples": 3}', "test_exmples: unknown key; write 'test_"),
    ],
)
def test_settings_of_data_that_no_study_could_have(settings: str, sentence: str, tmp_path) -> None:
    given = ("data", "d", "--settings", settings, "--out", str(tmp_path / "d.safetensors"))
    said = refused(*given, folder=tmp_path)
    assert said.startswith(f"--settings: {sentence}") and "\n" not in said
